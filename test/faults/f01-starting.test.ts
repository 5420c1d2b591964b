import { expect, it } from 'vitest';
import { record } from '../../lambdas/journal/journal.ts';
import { turnKey } from '../../lambdas/journal/keys.ts';
import type { Model } from '../../lambdas/model/model.ts';
import { composePlan } from '../../lambdas/plan/compose.ts';
import { answerLost, down, throttled } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { refund } from './proposals.ts';
import { openWorld } from './world.ts';

/** Never says the same twice, as models do. */
function fickle(): Model & { asked: number } {
  const model = {
    name: 'fickle',
    asked: 0,
    next: async ({ turn }: { turn: number }) => {
      model.asked += 1;
      const calls = turn === 1 ? [refund(1000 + model.asked)] : [];
      return { text: 'Done.', calls, usage: { input: 1, output: 1 } };
    },
  };
  return model;
}

it('F1: a turn that is asked for twice at once is written once, and both go on with what was written', async () => {
  const model = fickle();
  const world = await openWorld({ createModel: () => model });
  world.fail(/sfn StartExecution/, down);
  await expect(world.ask('fickle', 'k')).rejects.toThrow();
  const [runId = ''] = (await world.environment.rows.list('run')).map(({ id }) => id);
  const plan = composePlan(world.environment);
  const position = { runId, exec: 1, taken: 0 };
  const [one, other] = await Promise.all([plan(position), plan(position)]);
  expect(model.asked).toBe(2);
  expect(one).toEqual(other);
  world.heal();
  expect(await world.endedInTime(runId)).toBe('finished');
  const turn = record(await world.read(runId), turnKey(1), 'turn');
  const { effects } = await world.ledger();
  expect(effects.map(({ args }) => args)).toEqual([turn?.body.actions[0]?.args]);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F2: a start whose acknowledgement is lost is the same run when it is asked for again', async () => {
  const world = await openWorld({ turns: [[refund(3000)], 'Done.'] });
  world.fail(/sfn StartExecution/, answerLost, 1);
  await expect(world.ask('test', 'k')).rejects.toThrow('hang up');
  const runId = await world.start('test', 'k');
  expect(await world.ended(runId)).toBe('finished');
  expect(await world.environment.rows.list('run')).toHaveLength(1);
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F2: a start that is throttled, and whose caller never comes back, is made up for by the reconciler', async () => {
  const world = await openWorld({ turns: [[refund(3000)], 'Done.'] });
  world.fail(/sfn StartExecution/, throttled, 2);
  await expect(world.ask('test', 'k')).rejects.toThrow('slow down');
  const [row] = await world.environment.rows.list('run');
  expect(await world.endedInTime(row?.id ?? '', 120_000)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(1);
});

it('F2: the reconciler leaves the row of a start that is under way, and takes that of one that was given up', async () => {
  const world = await openWorld({ turns: ['Done.'] });
  let reconciled: unknown;
  world.fail(
    /start-run: dynamodb PutItem journal run/,
    async (proceed) => {
      await world.core.reconcile({ allRuns: true });
      reconciled = await world.environment.rows.list('run');
      return proceed();
    },
    1,
  );
  const runId = await world.start();
  expect(reconciled).toHaveLength(1);
  expect(await world.ended(runId)).toBe('finished');

  world.fail(/start-run: dynamodb PutItem journal run/, down, 1);
  await expect(world.ask()).rejects.toThrow();
  expect(await world.environment.rows.list('run')).toHaveLength(2);
  world.leap(31_000);
  await world.core.reconcile();
  expect((await world.environment.rows.list('run')).map(({ id }) => id)).toEqual([runId]);
});
