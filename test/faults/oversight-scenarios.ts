import { support } from '../../lambdas/agents/support.ts';
import { readCounter, take } from '../../lambdas/oversight/counters.ts';
import type { Core } from '../../lib/local/core.ts';
import { unobserved } from './ports.ts';
import { lookUp, refund, wire } from './proposals.ts';
import { approve, type Scenarios } from './scenario.ts';

/** Another run takes from the same sum. */
const rivalTakes = (id: string, amountMinor: number) => (core: Core) =>
  unobserved(async () => {
    const { rows, now } = core.environment;
    const share = { id, key: 'rival', counted: { amountMinor } };
    while ((await take(rows, await readCounter(rows, id), share, 1, now())) === 'changed');
  });

const GONE = 'a'.repeat(26);
const SUM = 'support#EUR#iban:DE89370400440532013000';
const REFUNDS = { agent: 'support', tool: 'issue_refund' };
const ITS_ORDER = {
  limits: {
    amountMinor: { max: 12_000 },
    customerId: { in: ['C-1001'] },
    orderId: { in: ['O-5001'] },
  },
};

/** Who decides, by what, and what stops it. */
export const OVERSIGHT: Scenarios = {
  quorum: {
    says: 'two people of distinct groups are needed: the second of one group is not enough',
    model: 'scripted:quorum',
    deed: approve,
    only: [
      [
        'vote: dynamodb BatchGetItem journal act#0002.00#hold#0 and 2 more',
        'plan: dynamodb BatchGetItem journal turn#0002 and 9 more',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  over: {
    says: 'another run takes from the same sum between check and taking: over the limit, two groups are asked anew',
    model: 'played',
    turns: [[wire(300_000)], 'Done.'],
    deed: approve,
    meanwhile: {
      after: `perform: dynamodb GetItem rows counter ${SUM}`,
      does: rivalTakes(SUM, 300_000),
    },
    only: [
      [
        'perform: dynamodb BatchGetItem journal turn#0001 and 9 more',
        'hold: dynamodb UpdateItem rows hold RUN.0001.00.1',
      ],
      ['vote: dynamodb DeleteItem rows hold RUN.0001.00.1', 'plan: model turn 2'],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  refused: {
    says: 'the downstream refuses for good: what was taken of the sum is given back',
    model: 'scripted:refund',
    deed: approve,
    env: { SANDBOX_FAULT: 'refuse' },
    only: [['perform: dynamodb PutItem rows counter support#EUR#customer:C-1001', 'plan: model turn 3']],
    ends: { status: 'finished', effects: 0 },
  },
  grant: {
    says: 'an approval allows one more like it: that one is done unasked, the next is asked about',
    model: 'played',
    turns: [[refund(12_000)], [lookUp], [refund(11_000)], [refund(10_000)], 'Done.'],
    deed: () => ({ do: 'allow more', uses: 1 }),
    overHttp: true,
    only: [
      ['hold-routes: dynamodb PutItem journal act#0001.00#hold#0#vote#lena', 'plan: model turn 2'],
      ['plan: model turn 3', 'hold: dynamodb BatchGetItem journal turn#0004 and 8 more'],
    ],
    ends: { status: 'finished', effects: 3 },
  },
  revoked: {
    says: 'a brake stops what a grant allowed, and the grant is revoked meanwhile: people are asked after all',
    model: 'played',
    turns: [[refund(12_000)], 'Done.'],
    deed: approve,
    overHttp: true,
    before: async (hands) => {
      await hands.grant({ ...REFUNDS, ...ITS_ORDER });
      await hands.brake('tool:issue_refund');
    },
    beside: async (hands, { status }) => {
      if (status !== 'paused') return;
      await hands.revoke();
      await hands.lift('tool:issue_refund');
    },
    leapMs: 31_000,
    only: [
      ['caller: directory find', 'start-run: dynamodb BatchGetItem journal run'],
      ['plan: dynamodb PutItem journal turn#0001', 'hold: dynamodb UpdateItem rows hold RUN.0001.00.0'],
      ['perform: dynamodb GetItem rows counter support#EUR#customer:C-1001', 'plan: model turn 2'],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  brake: {
    says: 'a brake is set before an approval takes effect, is looked at once in vain, and lifted later',
    model: 'scripted:refund',
    deed: approve,
    overHttp: true,
    meanwhile: {
      after: 'hold-routes: dynamodb PutItem journal act#0002.00#hold#0#settled',
      does: (_, hands) => hands.brake('all'),
    },
    beside: async (hands, { status }, leaps) => {
      if (status === 'paused' && leaps >= 2) await hands.lift('all');
    },
    leapMs: 31_000,
    only: [['hold-routes: dynamodb PutItem journal act#0002.00#hold#0#settled', 'plan: model turn 3']],
    ends: { status: 'finished', effects: 1 },
  },
  stopped: {
    says: 'a run that a brake holds is cancelled',
    model: 'scripted:brake',
    deed: approve,
    overHttp: true,
    before: (hands) => hands.brake('all'),
    beside: async (hands, { id, status }) => {
      if (status === 'paused') await hands.cancel(id);
    },
    leapMs: 31_000,
    only: [['run-routes: dynamodb Query journal proposals#RUN']],
    ends: { status: 'cancelled', effects: 0 },
  },
  crowded: {
    says: 'people are asked as much as they may be, by a run that has ended and kept its room',
    model: 'scripted:brake',
    deed: approve,
    core: { agents: [{ ...support, openHolds: 1 }] },
    before: (_, { environment: { rows } }) =>
      unobserved(() => rows.put({ kind: 'budget', id: 'support#sam', version: 1, open: { [GONE]: 1 } })),
    only: [
      [
        'plan: dynamodb GetItem rows budget support#sam',
        'hold: dynamodb BatchGetItem journal turn#0001 and 8 more',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  delegate: {
    says: 'who is asked asks a colleague, who could not be told at first',
    model: 'scripted:delegation',
    deed: (_hold, _number, who) => (who === 'frida' ? { do: 'delegate', to: 'felix' } : approve()),
    overHttp: true,
    untold: (about, nth) => about === 'delegated' && nth === 1,
    leapMs: 31_000,
    only: [
      [
        'hold-routes: dynamodb BatchGetItem journal act#0002.00#hold#0#vote#felix',
        'hold-routes: dynamodb PutItem journal act#0002.00#hold#0#vote#felix',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  canary: {
    says: 'a test of attention is approved: nothing is performed, and it is counted',
    model: 'scripted:refund',
    canary: true,
    deed: approve,
    overHttp: true,
    only: [['hold-routes: dynamodb DeleteItem rows hold RUN.0002.00.0', 'plan: model turn 3']],
    ends: { status: 'finished', effects: 0 },
  },
};
