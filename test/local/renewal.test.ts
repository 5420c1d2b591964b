import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { liftBrake } from '../../lambdas/oversight/standing.ts';
import { composePerform } from '../../lambdas/perform/compose.ts';
import { composePlan } from '../../lambdas/plan/compose.ts';
import { playLongRun } from '../bench/long-run.ts';
import { lookUp } from '../faults/proposals.ts';
import { openWorld } from '../faults/world.ts';

it('a run that outgrows its execution goes on in the next one, and comes to its answer', async () => {
  const data = mkdtempSync(join(tmpdir(), 'holdpoint-renewal-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const { run, executions, largestHistory } = await playLongRun({ data, turns: 100, roundsPerExecution: 20 });
  expect(run).toMatchObject({ status: 'finished', turns: 101, answer: 'Looked up 100 times.' });
  expect(run.actions).toHaveLength(100);
  expect(executions.map(({ why }) => why)).toEqual(['first', ...Array.from({ length: 5 }, () => 'renewed')]);
  // A round of one allowed read: Plan 5, Route 2, Perform 5; then Plan, Route and Finish once more, and start and end.
  expect(largestHistory).toBe(20 * 12 + 11);
});

it('a round of several actions counts as many rounds, since its history grows by as much', async () => {
  const world = await openWorld({ turns: [[lookUp], Array.from({ length: 20 }, () => lookUp)] });
  await world.brake('all');
  const runId = await world.start();
  const paused = async () => (await world.environment.rows.get('run', runId))?.status === 'paused';
  await world.until('the pause', paused);
  await liftBrake(world.environment, 'all', 'otto');
  const plan = composePlan(world.environment);
  const first = await plan({ runId, exec: 1, taken: 3 });
  expect(first).toMatchObject({ next: 'perform', taken: 4 });
  await composePerform(world.environment, 'lookup_customer')(first);
  expect(await plan(first)).toMatchObject({ next: 'several', taken: 4 + 1 + 20 });
});
