import type { Json } from '../json.ts';
import type { Through } from '../notify/untold.ts';
import type { GrantTerms } from '../oversight/grant-terms.ts';
import type { Tier } from '../policy/ruling.ts';
import type { Asks } from './records.ts';

/**
 * The mutable rows beside the journal: what is listed, and what is due. All of them can be rebuilt from it, and
 * nothing is decided on their word.
 */

export interface RunRow {
  readonly kind: 'run';
  readonly id: string;
  /** When it was asked for (ISO). */
  readonly at: string;
  readonly agent: string;
  readonly requester: string;
  readonly input: string;
  readonly status: 'running' | 'paused' | 'finished' | 'failed' | 'cancelled';
  /** When it next needs attention (epoch milliseconds); a run that has ended is never due. */
  readonly due?: number;
}

export interface HoldRow {
  readonly kind: 'hold';
  /** The holdId. */
  readonly id: string;
  readonly runId: string;
  readonly actionId: string;
  readonly agent: string;
  readonly tool: string;
  readonly asks: Asks;
  readonly args: Json;
  readonly digest: string;
  readonly tier: Tier;
  readonly route: string;
  readonly level: number;
  readonly groups: readonly string[];
  readonly excluded: readonly string[];
  readonly openedAt: string;
  readonly expiresAt: string;
  readonly due: number;
  /** What people were told last. Opening: a Hold is about to tell them. Nobody: of the opening, not all of them yet. */
  readonly told: 'opening' | 'nobody' | 'opened' | 'reminded' | 'warned';
  /** Through which channels the last notice is still to be sent. @default none, but all of an opening */
  readonly untold?: Through;
  /** The process that was to tell them first. */
  readonly opener: string;
  /** Every callback token that the hold has had: secrets, for delivery alone. */
  readonly tokens: readonly string[];
}

/** A stop that a person set; the row is there while the brake is on. */
export interface BrakeRow {
  readonly kind: 'brake';
  /** The scope: `all`, `agent:NAME`, `tool:NAME` or `run:ID`. */
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly reason: string;
}

/** What one action has taken of a sum. */
export interface Taken {
  /** Of the action: taking twice under one key takes once. */
  readonly key: string;
  readonly at: string;
  readonly amountMinor: number;
  /** 0 where it was given back. */
  readonly count: number;
  /** The place of the try that it was taken for; of what was given back, the last one that is over. */
  readonly place?: number;
}

/** What an agent has paid somebody within the last 24 hours. */
export interface CounterRow {
  readonly kind: 'counter';
  /** `<agent>#<currency>#<payee>` */
  readonly id: string;
  /** One more with every change: who takes names the version that was ruled with. */
  readonly version: number;
  readonly taken: readonly Taken[];
}

/** A grant that may still be used, for those who look for one; whoever uses it reads its records. */
export interface GrantRow extends GrantTerms {
  readonly kind: 'grant';
  readonly id: string;
  readonly at: string;
  /** Who gave it, and in which groups they were then. */
  readonly who: string;
  readonly groups: readonly string[];
  readonly reason: string;
}

/** How many questions of one agent, asked for by one person, wait for people. */
export interface BudgetRow {
  readonly kind: 'budget';
  /** `<agent>#<requester>` */
  readonly id: string;
  readonly version: number;
  /** By run. */
  readonly open: { readonly [runId: string]: number };
}

/** How somebody has decided so far. */
export interface ApproverRow {
  readonly kind: 'approver';
  /** Subject id. */
  readonly id: string;
  readonly version: number;
  readonly votes: number;
  readonly approvals: number;
  readonly canariesMissed: number;
  readonly canariesCaught: number;
  /** How long the last decisions took. */
  readonly seconds: readonly number[];
  /** Times of the last approvals (epoch milliseconds). */
  readonly recent: readonly number[];
  /** The last holds that were counted. */
  readonly holds: readonly string[];
  readonly alarmedAt?: number;
}

export type Row = RunRow | HoldRow | BrakeRow | CounterRow | GrantRow | BudgetRow | ApproverRow;
