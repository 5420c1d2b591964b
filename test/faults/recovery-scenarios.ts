import type { Routes } from '../../lambdas/oversight/route.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import type { Core } from '../../lib/local/core.ts';
import type { Hands } from './hands.ts';
import { unobserved } from './ports.ts';
import { lookUp, refund } from './proposals.ts';
import { approve, type Scenarios } from './scenario.ts';

const { next: _, ...alone } = routes['support-lead'] as Routes[string];
const limited = (limitSeconds: number, route: Routes[string]): Routes => ({
  ...routes,
  'support-lead': { ...route, limitSeconds },
});

const HOLD = 'act#0002.00#hold#0';
const ROW = 'hold: dynamodb UpdateItem rows hold RUN.0002.00.0';
const nothing = () => ({ do: 'nothing' }) as const;

/** Lena approves, whether or not she was told of it. */
async function approves({ environment: { rows } }: Core, hands: Hands): Promise<void> {
  const [run] = await unobserved(() => rows.list('run'));
  await hands.vote(`${run?.id}.0002.00.0`, 'lena', { decision: 'approve' });
}

/** What the reconciler does, and what is taken up where somebody has died. */
export const RECOVERY: Scenarios = {
  renewed: {
    says: 'the run is renewed after each round',
    model: 'scripted:refund',
    deed: approve,
    rounds: 1,
    leapMs: 2_000,
    only: [
      ['plan: dynamodb UpdateItem rows run RUN', 'hold: dynamodb BatchGetItem journal turn#0002 and 8 more'],
      ['perform: dynamodb PutItem journal act#0002.00#result'],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  unasked: {
    says: 'a run of which nothing but its row was written, and nobody asks for it again',
    model: 'scripted:refund',
    deed: approve,
    after: { label: 'start-run: dynamodb PutItem rows run RUN', nth: 1, when: 'after' },
    givesUp: true,
    leapMs: 31_000,
    ends: { status: 'never began', effects: 0 },
  },
  begun: {
    says: 'a run that was recorded and not started, and is asked for again',
    model: 'scripted:refund',
    deed: approve,
    after: { label: 'start-run: dynamodb PutItem journal run', nth: 1, when: 'after' },
    only: [
      [
        'reconcile: dynamodb Query journal proposals#RUN',
        'perform: dynamodb PutItem journal act#0001.00#result',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  otherwise: {
    says: 'the model, asked once more after a crash, does not propose what would have been asked about',
    model: 'played',
    turns: [[refund(12_000)], 'Done.'],
    otherwise: [[lookUp], 'Nothing to do.'],
    deed: approve,
    after: { label: 'budget: dynamodb PutItem rows budget support#sam', nth: 1, when: 'after' },
    only: [['plan: model turn 1']],
    ends: { status: 'finished', effects: 0 },
  },
  half: {
    says: 'Hold has died between its two writes',
    model: 'scripted:refund',
    deed: approve,
    after: { label: ROW, nth: 1, when: 'after' },
    leapMs: 31_000,
    whenTold: true,
    only: [[ROW, 'vote: dynamodb PutItem journal act#0002.00#hold#0#settled']],
    ends: { status: 'finished', effects: 1 },
  },
  reopened: {
    says: 'Hold has died before it told anybody: they are told late',
    model: 'scripted:refund',
    deed: approve,
    after: { label: `hold: dynamodb PutItem journal ${HOLD}`, nth: 1, when: 'after' },
    leapMs: 31_000,
    whenTold: true,
    only: [[ROW, `vote: dynamodb PutItem journal ${HOLD}#settled`]],
    ends: { status: 'finished', effects: 1 },
  },
  raced: {
    says: 'somebody has decided before Hold comes to its end',
    model: 'scripted:refund',
    deed: approve,
    overHttp: true,
    meanwhile: { after: `hold: dynamodb PutItem journal ${HOLD}`, does: approves },
    only: [[`hold: dynamodb PutItem journal ${HOLD}`, 'perform: http POST /refunds']],
    ends: { status: 'finished', effects: 1 },
  },
  slow: {
    says: 'people are told late, and once more, and reminded; the question is passed on when its time is over',
    model: 'scripted:refund',
    deed: (_hold, number) => (number === 0 ? nothing() : approve()),
    core: { routes: limited(3_000, { ...alone, next: 'finance' }) },
    oneByOne: 0,
    untold: (about, nth) => about === 'opened' && nth === 1,
    leapMs: 11 * 60_000,
    only: [
      ['hold: dynamodb GetItem rows budget support#sam', 'reconcile: dynamodb Query rows by-due run'],
      [
        `reconcile: dynamodb Query journal oversight#RUN ${HOLD}`,
        'reconcile: dynamodb Query rows by-due run',
      ],
      ['reconcile: directory members', 'reconcile: dynamodb Query rows by-due run'],
      [
        `reconcile: dynamodb PutItem journal ${HOLD}#settled`,
        'hold: dynamodb UpdateItem rows hold RUN.0002.00.1',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  late: {
    says: 'the reconciler fails once, and somebody approves when the time is over',
    model: 'scripted:refund',
    deed: nothing,
    core: { routes: limited(20, alone) },
    fails: { label: /reconcile: dynamodb Query journal oversight#RUN act#/, times: 1 },
    leapMs: 31_000,
    beside: async (hands, { id }, leaps) => {
      if (leaps > 0) await hands.vote(`${id}.0002.00.0`, 'lena', { decision: 'approve' });
    },
    only: [['reconcile: dynamodb Query journal oversight#RUN act#0002.00#hold#0', 'plan: model turn 3']],
    ends: { status: 'finished', effects: 0 },
  },
  tidied: {
    says: 'a hold that nobody waits for any more leaves the inbox',
    model: 'scripted:refund',
    deed: approve,
    after: { label: `vote: dynamodb PutItem journal ${HOLD}#settled`, nth: 1, when: 'after' },
    leapMs: 31_000,
    only: [[`reconcile: dynamodb Query journal oversight#RUN ${HOLD}`]],
    ends: { status: 'finished', effects: 1 },
  },
  cancelling: {
    says: 'a cancellation that was recorded, and reached nobody',
    model: 'scripted:refund',
    deed: () => ({ do: 'cancel' }),
    after: { label: 'cancel-run: dynamodb PutItem journal cancel', nth: 1, when: 'after' },
    only: [['reconcile: dynamodb Query journal proposals#RUN', 'plan: dynamodb PutItem journal turn#0003']],
    ends: { status: 'cancelled', effects: 0 },
  },
  ended: {
    says: 'the end of the run was recorded, and its row does not say so',
    model: 'scripted:refund',
    deed: approve,
    after: { label: 'plan: dynamodb PutItem journal turn#0003', nth: 1, when: 'after' },
    only: [['reconcile: dynamodb Query journal proposals#RUN']],
    ends: { status: 'finished', effects: 1 },
  },
  untold: {
    says: 'people cannot be told of the question, and are told by the reconciler',
    model: 'scripted:refund',
    deed: approve,
    untold: (about, nth) => about === 'opened' && nth === 1,
    leapMs: 31_000,
    only: [['hold: notifier send', 'vote: dynamodb BatchGetItem journal act#0002.00#hold#0 and 2 more']],
    ends: { status: 'finished', effects: 1 },
  },
  handed: {
    says: 'another process takes over a run that was to be renewed',
    model: 'scripted:refund',
    deed: approve,
    rounds: 1,
    leapMs: 2_000,
    after: { label: 'reconcile: dynamodb PutItem journal exec#2', nth: 1, when: 'after' },
    only: [['reconcile: dynamodb Query journal proposals#RUN', 'plan: model turn 2']],
    ends: { status: 'finished', effects: 1 },
  },
  stale: {
    says: 'two executions die of a Hold that cannot read, and a decision finds nobody who waits for it',
    model: 'scripted:refund',
    deed: approve,
    overHttp: true,
    fails: { label: /hold: dynamodb BatchGetItem journal act#0002.00#hold#0#settled/, times: 14 },
    leapMs: 31_000,
    beside: async (hands, { id }, leaps) => {
      if (leaps > 1) await hands.vote(`${id}.0002.00.0`, 'lena', { decision: 'approve' });
    },
    only: [
      ['reconcile: sfn DescribeExecution', ROW],
      ['hold-routes: dynamodb UpdateItem rows hold RUN.0002.00.0', 'hold-routes: sfn SendTaskSuccess'],
      [
        'hold-routes: dynamodb UpdateItem rows hold RUN.0002.00.0',
        'reconcile: dynamodb Query rows by-due run',
      ],
      ['reconcile: dynamodb GetItem rows hold RUN.0002.00.0', 'reconcile: sfn SendTaskSuccess'],
      [
        'reconcile: dynamodb UpdateItem rows hold RUN.0002.00.0',
        'perform: dynamodb BatchGetItem rows brake all and 3 more',
      ],
    ],
    ends: { status: 'finished', effects: 1 },
  },
  poison: {
    says: 'every execution dies of a Hold that cannot write: the run is given up',
    model: 'scripted:refund',
    deed: approve,
    fails: { label: /hold: dynamodb PutItem journal act#0002.00#hold#0$/, times: 1_000 },
    leapMs: 310_000,
    only: [['reconcile: dynamodb PutItem journal failed']],
    ends: { status: 'failed', effects: 0 },
  },
  abandoned: {
    says: 'a run that was given up, whose questions were not taken back',
    model: 'scripted:refund',
    deed: approve,
    fails: { label: /hold: dynamodb PutItem journal act#0002.00#hold#0$/, times: 1_000 },
    leapMs: 310_000,
    after: { label: 'reconcile: dynamodb PutItem journal failed', nth: 1, when: 'after' },
    only: [['reconcile: dynamodb Query journal proposals#RUN']],
    ends: { status: 'failed', effects: 0 },
  },
  known: {
    says: 'a `never` tool answers with an error after it has done it, and the downstream knows of it',
    model: 'scripted:wire',
    deed: approve,
    env: { SANDBOX_FAULT: 'after' },
    only: [['perform: http POST /wires', 'plan: model turn 3']],
    ends: { status: 'finished', effects: 1 },
  },
};
