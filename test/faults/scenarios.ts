import type { Routes } from '../../lambdas/oversight/route.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { OVERSIGHT } from './oversight-scenarios.ts';
import { RECOVERY } from './recovery-scenarios.ts';
import { approve, blind, type Scenarios } from './scenario.ts';

const { next: _, ...lead } = routes['support-lead'] as Routes[string];
const short: Routes = { ...routes, 'support-lead': { ...lead, limitSeconds: 1 } };

/** Each is one way that a run can go; `npm run matrix` kills it at every call that it makes to the outside. */
export const SCENARIOS: Scenarios = {
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
    only: [['perform: dynamodb PutItem journal act#0002.00#try#1#intent']],
    ends: { status: 'finished', effects: 1 },
  },
  unheard: {
    says: 'a `never` tool that answers with an error after it has done it: people say that it happened',
    model: 'scripted:wire',
    deed: approve,
    core: { agents: [blind] },
    env: { SANDBOX_FAULT: 'after' },
    only: [['perform: http POST /wires']],
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
    only: [['vote: dynamodb BatchGetItem journal act#0002.00#hold#0 and 2 more']],
    ends: { status: 'finished', effects: 1 },
  },
  escalate: {
    says: 'the question is passed on, and approved on the next route',
    model: 'scripted:refund',
    deed: (_hold, number) => (number === 0 ? { do: 'escalate' } : approve()),
    only: [['vote: dynamodb BatchGetItem journal act#0002.00#hold#0 and 2 more']],
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
    only: [['vote: dynamodb BatchGetItem journal act#0002.00#hold#0 and 2 more']],
    ends: { status: 'finished', effects: 0 },
  },
  cancel: {
    says: 'the run is cancelled while a hold is open',
    model: 'scripted:refund',
    deed: () => ({ do: 'cancel' }),
    only: [['cancel-run: dynamodb GetItem rows run RUN']],
    ends: { status: 'cancelled', effects: 0 },
  },
  expire: {
    says: 'nobody decides within the limit of a second',
    model: 'scripted:refund',
    deed: () => ({ do: 'nothing' }),
    core: { routes: short },
    only: [['hold: dynamodb BatchGetItem journal turn#0002 and 8 more']],
    ends: { status: 'finished', effects: 0 },
  },
  ...OVERSIGHT,
  ...RECOVERY,
};
