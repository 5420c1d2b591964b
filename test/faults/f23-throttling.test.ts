import { ProvisionedThroughputExceededException, ThrottlingException } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { awsEnvironment } from '../../lambdas/aws-environment.ts';
import type { Fault } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { unobserved } from './ports.ts';
import { LEAD, lookUp, refund } from './proposals.ts';
import { openWorld, type World } from './world.ts';

const KINDS = [ProvisionedThroughputExceededException, ThrottlingException];

/** One after the other, each kind in turn. */
const throttled = (): Fault => {
  let count = 0;
  return async () => {
    const Kind = KINDS[count++ % KINDS.length] ?? ThrottlingException;
    throw new Kind({ message: 'slow down', $metadata: {} });
  };
};

/** By itself mostly; else once time has passed and the reconciler has come round. */
async function soonEnded(world: World, runId: string): Promise<string> {
  for (let look = 0; look < 20; look++) {
    const { rows } = world.environment;
    const row = await unobserved(() => rows.get('run', runId));
    const inbox = await unobserved(() => rows.list('hold', `${runId}.`));
    if (row && row.due === undefined && inbox.length === 0) return row.status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return world.endedInTime(runId);
}

/** A read, then a refund that Lena approves; who is told to come back later comes back. */
async function play(world: World): Promise<string> {
  const again = async <T>(call: () => Promise<T>): Promise<T> => {
    for (let round = 0; ; round++) {
      try {
        return await call();
      } catch (error) {
        if (round === 5) throw error;
      }
    }
  };
  const key = `k${world.calls.length}`;
  const started = await again(() => world.ask('test', key));
  if (started.as !== 'started') throw new Error(started.as);
  const hold = await world.hold(started.runId);
  await again(() => world.vote(hold, LEAD, 'approve'));
  expect(await soonEnded(world, started.runId)).toBe('finished');
  return started.runId;
}

it('F23: throttled at any one place, a run has its effect once, after the approval, and ends well', async () => {
  const world = await openWorld({ turns: [[lookUp], [refund(5_100)], 'Done.'] });
  await play(world);
  const places = [...new Set(world.calls)].filter((label) => label.includes(': dynamodb '));
  expect(places.length).toBeGreaterThan(20);
  for (const place of places) {
    const before = world.broken();
    world.fail(RegExp(`^${place.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`), throttled(), 2);
    const runId = await play(world);
    expect(world.broken(), place).toBeGreaterThan(before);
    world.heal();
    expect(await world.judged(runId), place).toMatchObject(CLEAN);
    const { effects, attempts } = await world.ledger();
    const own = <E extends { key: string | null }>(all: readonly E[]) =>
      all.filter(({ key }) => key?.startsWith(runId));
    expect(own(effects), place).toHaveLength(1);
    // Only what cannot be recorded after the effect is tried again, with the same key (F26).
    if (!/PutItem journal act#0002\.00#(try#1#outcome|result)/.test(place))
      expect(own(attempts), place).toHaveLength(1);
  }
});

it('F23, F11: on AWS throttled requests are sent again with jitter, a few times and no more', async () => {
  const env = { JOURNAL_TABLE: 'journal', ROWS_TABLE: 'rows', AWS_REGION: 'eu-central-1' };
  const { dynamodb, sfn } = awsEnvironment(env);
  for (const { config } of [dynamodb, sfn]) {
    expect(await config.maxAttempts()).toBe(4);
    const mode = config.retryMode;
    expect(typeof mode === 'function' ? await mode() : mode).toBe('standard');
  }
});
