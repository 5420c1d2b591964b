import { expect, it } from 'vitest';
import { dies, diesAfter, type Fault } from './fault-kinds.ts';
import { LEAD, refund } from './proposals.ts';
import { openWorld } from './world.ts';

const RESULT = /perform: dynamodb PutItem journal .*#result/;
const COUNTER = /perform: dynamodb PutItem rows counter/;

it.each<[string, RegExp, Fault]>([
  ['before it is recorded that nothing happened', RESULT, dies],
  ['after that is recorded', RESULT, diesAfter],
  ['before it is given back', COUNTER, dies],
  ['after it is given back', COUNTER, diesAfter],
])(
  'F32: what was taken for a call that the downstream refused is given back, where Perform dies %s',
  async (_, at, fault) => {
    const world = await openWorld({ turns: [[refund(6_000)], 'Not done.'] });
    const taken = async () =>
      (await world.environment.rows.get('counter', 'support#EUR#customer:C-1001'))?.taken.filter(
        ({ count }) => count > 0,
      ) ?? [];
    world.env.SANDBOX_FAULT = 'no such switch';
    const runId = await world.start();
    const hold = await world.hold(runId);
    // The first change of the counter is the taking.
    world.fail(COUNTER, (proceed) => proceed(), 1);
    world.fail(at, fault, 1);
    await world.vote(hold, LEAD, 'approve');
    await world.until('the death', async () => world.broken() === 2);
    await world.restart();
    await world.core.reconcile({ allRuns: true });
    world.env.SANDBOX_FAULT = 'no such switch';
    expect(await world.endedInTime(runId)).toBe('finished');
    expect(await world.result(runId, '0001.00')).toMatchObject({ outcome: 'failed' });
    expect(await taken()).toEqual([]);
  },
);
