import type { Agent } from '../../lambdas/agents/agent.ts';
import { support } from '../../lambdas/agents/support.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { RunRow } from '../../lambdas/journal/row-kinds.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import type { Core, CoreOptions } from '../../lib/local/core.ts';
import type { Point } from './crash.ts';
import type { Hands } from './hands.ts';
import type { Turn } from './proposals.ts';

/** What somebody does who is asked. In doubt, everybody says what the downstream's ledger says. */
export type Deed =
  | { readonly do: 'approve' | 'reject' | 'escalate' | 'cancel' | 'nothing' }
  | { readonly do: 'allow more'; readonly uses: number }
  | { readonly do: 'delegate'; readonly to: string }
  | { readonly do: 'answer'; readonly answer: string }
  | { readonly do: 'edit'; readonly change: JsonObject };

export interface Scenario {
  readonly says: string;
  readonly model: string;
  /** What the model says, where its name is `played`. */
  readonly turns?: readonly Turn[];
  /** What it says when it is asked once more, after a crash. @default the same */
  readonly otherwise?: readonly Turn[];
  readonly canary?: true;
  readonly deed: (hold: BodyOf<'hold'>, number: number, who: string) => Deed;
  readonly core?: Pick<CoreOptions, 'agents' | 'routes'>;
  readonly env?: Readonly<Record<string, string>>;
  /** After how many rounds an execution is renewed. @default as many as the functions have */
  readonly rounds?: number;
  /** How many open questions people are told of one by one. @default all */
  readonly oneByOne?: number;
  /** Who decides does so over HTTP, and sends the same again until there is an answer. @default by the functions behind it */
  readonly overHttp?: true;
  /** A process has died here already, and what is killed at each point is the one that takes up what it left. */
  readonly after?: Point & { readonly when: 'before' | 'after' };
  /** The points are those from one call on and before another; elsewhere it goes the way of another scenario. @default all */
  readonly only?: readonly (readonly [from: string, until?: string])[];
  /** Whenever nothing moves time moves on by so much, and the reconciler comes round. @default nothing needs it */
  readonly leapMs?: number;
  /** Nobody looks into the inbox who was not told, unless a process has died since. */
  readonly whenTold?: true;
  /** Who asked for the run does not ask again when nothing comes of it. */
  readonly givesUp?: true;
  /** What people do before the run is asked for. */
  readonly before?: (hands: Hands, core: Core) => Promise<void>;
  /** What people do who look at the run's row now and then, after so many leaps. */
  readonly beside?: (hands: Hands, row: RunRow, leaps: number) => Promise<void>;
  /** Somebody is faster than whoever has just made such a call. */
  readonly meanwhile?: { readonly after: string; readonly does: (core: Core, hands: Hands) => Promise<void> };
  /** Calls that fail: so many of them in each process. */
  readonly fails?: { readonly label: RegExp; readonly times: number };
  /** Notices that fail. */
  readonly untold?: (about: Notice['about'], nth: number) => boolean;
  /** What it comes to, whatever happens on the way. */
  readonly ends: {
    readonly status: 'finished' | 'cancelled' | 'failed' | 'never began';
    readonly effects: number;
  };
}

export type Scenarios = Readonly<Record<string, Scenario>>;

/** The sample agent, whose wires cannot be looked up. */
export const blind: Agent = {
  ...support,
  tools: support.tools.map((tool) => {
    if (tool.name !== 'send_wire') return tool;
    const { readBack: _, ...rest } = tool;
    return rest;
  }),
};

export const approve = () => ({ do: 'approve' }) as const;
