import type { Agent } from '../../lambdas/agents/agent.ts';
import { support } from '../../lambdas/agents/support.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import type { CoreOptions } from '../../lib/local/core.ts';
import type { Point } from './crash.ts';

/** What somebody does who is asked. In doubt, everybody says what the downstream's ledger says. */
export type Deed =
  | { readonly do: 'approve' | 'reject' | 'escalate' | 'cancel' | 'nothing' }
  | { readonly do: 'answer'; readonly answer: string }
  | { readonly do: 'edit'; readonly change: JsonObject };

export interface Scenario {
  readonly says: string;
  readonly model: string;
  readonly deed: (hold: BodyOf<'hold'>, number: number) => Deed;
  readonly core?: Pick<CoreOptions, 'agents' | 'routes'>;
  readonly env?: Readonly<Record<string, string>>;
  /** A process has died here already, and what is killed at each point is the one that takes up what it left. */
  readonly after?: Point & { readonly when: 'before' | 'after' };
  /** What it comes to, whatever happens on the way. */
  readonly ends: { readonly status: 'finished' | 'cancelled'; readonly effects: number };
}

/** The sample agent, whose wires cannot be looked up. */
export const blind: Agent = {
  ...support,
  tools: support.tools.map((tool) => {
    if (tool.name !== 'send_wire') return tool;
    const { readBack: _, ...rest } = tool;
    return rest;
  }),
};

const { next: _, ...lead } = routes['support-lead'] as Routes[string];
const short: Routes = { ...routes, 'support-lead': { ...lead, limitSeconds: 1 } };

const approve = () => ({ do: 'approve' }) as const;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  w: {
    says: 'workload W: four turns, two approvals, two keyed effects',
    model: 'scripted:w',
    deed: approve,
    ends: { status: 'finished', effects: 2 },
  },
  again: {
    says: 'workload W once more, taken up after its first effect happened and was not recorded',
    model: 'scripted:w',
    deed: approve,
    after: { label: 'perform: http POST /refunds', nth: 1, when: 'after' },
    ends: { status: 'finished', effects: 2 },
  },
  wire: {
    says: 'a `never` tool that can be asked whether it happened',
    model: 'scripted:wire',
    deed: approve,
    ends: { status: 'finished', effects: 1 },
  },
  blind: {
    says: 'a `never` tool that cannot be asked: what is unknown goes to a person',
    model: 'scripted:wire',
    deed: approve,
    core: { agents: [blind] },
    ends: { status: 'finished', effects: 1 },
  },
  unheard: {
    says: 'a `never` tool that answers with an error after it has done it: people say that it happened',
    model: 'scripted:wire',
    deed: approve,
    core: { agents: [blind] },
    env: { SANDBOX_FAULT: 'after' },
    ends: { status: 'finished', effects: 1 },
  },
  decided: {
    says: 'a decision that was recorded and not delivered, taken up after its process has died',
    model: 'scripted:refund',
    deed: approve,
    after: { label: 'vote: dynamodb PutItem journal act#0002.00#hold#0#settled', nth: 1, when: 'after' },
    ends: { status: 'finished', effects: 1 },
  },
  mixed: {
    says: 'five actions of one turn in parallel: allowed, held and denied',
    model: 'scripted:mixed',
    deed: approve,
    ends: { status: 'finished', effects: 3 },
  },
  edit: {
    says: 'the arguments are edited, and the edit is approved by somebody else',
    model: 'scripted:refund',
    deed: (_hold, number) => (number === 0 ? { do: 'edit', change: { amountMinor: 60_000 } } : approve()),
    ends: { status: 'finished', effects: 1 },
  },
  escalate: {
    says: 'the question is passed on, and approved on the next route',
    model: 'scripted:refund',
    deed: (_hold, number) => (number === 0 ? { do: 'escalate' } : approve()),
    ends: { status: 'finished', effects: 1 },
  },
  question: {
    says: 'the agent asks a person, and does what the answer says',
    model: 'scripted:question',
    deed: ({ choices }) => ({ do: 'answer', answer: choices?.[0] ?? '' }),
    ends: { status: 'finished', effects: 1 },
  },
  reject: {
    says: 'the approver rejects',
    model: 'scripted:refund',
    deed: () => ({ do: 'reject' }),
    ends: { status: 'finished', effects: 0 },
  },
  cancel: {
    says: 'the run is cancelled while a hold is open',
    model: 'scripted:refund',
    deed: () => ({ do: 'cancel' }),
    ends: { status: 'cancelled', effects: 0 },
  },
  expire: {
    says: 'nobody decides within the limit of a second',
    model: 'scripted:refund',
    deed: () => ({ do: 'nothing' }),
    core: { routes: short },
    ends: { status: 'finished', effects: 0 },
  },
};
