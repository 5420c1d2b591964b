import { expect, it } from 'vitest';
import { composePerform } from '../../lambdas/perform/compose.ts';
import type { PositionAtStep } from '../../lambdas/workflow.ts';
import { answerLost, answers, dies, diesAfter, down, refusedConnection, throttled } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { FINANCE, LEAD, OPERATIONS, refund } from './proposals.ts';
import { openWorld, type World } from './world.ts';

const HOUR = 3_600_000;
const allowed = { turns: [[refund(3000)], 'Done.'] };
const CALL = /http POST/;
const ID = '0001.00';

/** What the downstream saw: calls, the keys they came with, and what it did. */
async function seen(world: World) {
  const { attempts, effects } = await world.ledger();
  return {
    attempts: attempts.length,
    keys: new Set(attempts.map(({ key }) => key)).size,
    effects: effects.length,
  };
}

/** The first call fails without saying whether it did anything, and somebody sets the brake before the next one. */
function failThenBrake(world: World) {
  world.env.SANDBOX_FAULT = 'before';
  world.fail(
    CALL,
    async (proceed) => {
      delete world.env.SANDBOX_FAULT;
      await world.brake('all');
      return proceed();
    },
    1,
  );
}

const atStep = (runId: string): PositionAtStep => ({
  runId,
  exec: 1,
  taken: 1,
  step: { actionId: ID, next: 'perform', hold: 0, seconds: 1, function: 'perform-issue_refund' },
});

it.each([
  ['F14', 'before its intent is written', /perform: dynamodb PutItem .*intent/, dies, 1],
  ['F14', 'after its intent is written', /perform: dynamodb PutItem .*intent/, diesAfter, 1],
  ['F14', 'before the call is sent', CALL, dies, 1],
  ['F15', 'after the call was answered', CALL, diesAfter, 2],
  ['F15', 'before the result is written', /perform: dynamodb PutItem .*result/, dies, 2],
  ['F15', 'after the result is written', /perform: dynamodb PutItem .*result/, diesAfter, 1],
])('%s: a keyed effect whose process dies %s happens once', async (_n, _when, at, fault, attempts) => {
  const world = await openWorld(allowed);
  world.fail(at, fault, 1);
  const runId = await world.start();
  await world.until('the end of the process', async () => world.broken() === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await world.restart();
  await world.core.reconcile({ allRuns: true });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts, keys: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it.each(['before', 'after', 'reset'] as const)(
  'F16: a keyed effect that fails with %s is tried again under the same key, and happens once',
  async (how) => {
    const world = await openWorld(allowed);
    world.sandboxFails(how);
    const runId = await world.start();
    expect(await world.ended(runId)).toBe('finished');
    expect(await seen(world)).toEqual({ attempts: 2, keys: 1, effects: 1 });
    expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
    expect(await world.judged(runId)).toMatchObject(CLEAN);
  },
);

it('F16: a keyed effect of which nothing is heard five times is put to a person', async () => {
  const world = await openWorld(allowed);
  world.fail(CALL, answerLost);
  const runId = await world.start();
  const started = world.endedInTime(runId).catch(() => 'waiting');
  const hold = await world.hold(runId, 'in-doubt');
  expect(world.alarms.some((what) => what.startsWith('in doubt'))).toBe(true);
  expect(await seen(world)).toEqual({ attempts: 5, keys: 1, effects: 1 });
  await world.vote(hold, OPERATIONS, 'answer', { answer: 'it happened' });
  expect(await started).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 5, keys: 1, effects: 1 });
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
});

it('F17, F18: Perform that is called again, at once or a year later, finds the result and calls nobody', async () => {
  const world = await openWorld(allowed);
  const runId = await world.start();
  await world.ended(runId);
  const perform = composePerform(world.environment, 'issue_refund');
  const again = await Promise.all([perform(atStep(runId)), perform(atStep(runId))]);
  world.leap(366 * 24 * HOUR);
  again.push(await perform(atStep(runId)));
  expect(again.map(({ step }) => step.next)).toEqual(['done', 'done', 'done']);
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F18: Perform that is called twice at once makes one attempt', async () => {
  const world = await openWorld({ ...allowed, sandboxDelayMs: 100 });
  const runId = await world.start();
  await world.until('the call', async () => (await world.ledger()).attempts.length === 1);
  const perform = composePerform(world.environment, 'issue_refund');
  await expect(perform(atStep(runId))).rejects.toMatchObject({ name: 'Retryable' });
  expect(await world.ended(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F18: a redrive checks everything again: what was stopped meanwhile is not repeated', async () => {
  const world = await openWorld(allowed);
  failThenBrake(world);
  const runId = await world.start();
  await world.until(
    'the pause',
    async () => (await world.environment.rows.get('run', runId))?.status === 'paused',
  );
  expect(await seen(world)).toEqual({ attempts: 1, keys: 1, effects: 0 });
  await world.release('all');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 2, keys: 1, effects: 1 });
});

it('F19: the same key with other arguments is refused by the downstream, and nothing more is sent', async () => {
  const world = await openWorld({ turns: [[refund(6000)], 'Done.'] });
  const runId = await world.start();
  const hold = await world.hold(runId);
  const digest = (await world.branch(runId, ID))?.action.digest ?? '';
  await fetch(`${world.sandboxUrl}/refunds`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `${runId}.${ID}.${digest.slice(0, 16)}`,
    },
    body: JSON.stringify({ ...refund(6000).args, amountMinor: 1 }),
  });
  await world.vote(hold, LEAD, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 2, keys: 1, effects: 1 });
  expect(await world.result(runId, ID)).toMatchObject({
    outcome: 'failed',
    why: expect.stringContaining('422'),
  });
});

it.each([
  ['it happened', { outcome: 'succeeded' }, 1],
  ['it did not happen', { outcome: 'succeeded' }, 2],
  ['leave it', { outcome: 'left in doubt' }, 1],
] as const)(
  'F20: past the window of its key an unknown effect is not repeated: a person says "%s"',
  async (answer, result, attempts) => {
    const world = await openWorld(allowed);
    failThenBrake(world);
    const runId = await world.start();
    await world.until(
      'the pause',
      async () => (await world.environment.rows.get('run', runId))?.status === 'paused',
    );
    world.leap(21 * HOUR);
    await world.release('all');
    const ended = world.endedInTime(runId);
    await world.vote(await world.hold(runId, 'in-doubt'), OPERATIONS, 'answer', { answer });
    expect(await ended).toBe('finished');
    expect(await seen(world)).toMatchObject({ attempts });
    expect(await world.result(runId, ID)).toMatchObject(result);
  },
);

it.each([
  ['429', answers(429)],
  ['a refused connection', refusedConnection],
])('F21: %s certainly did nothing: it is tried again', async (_, fault) => {
  const world = await openWorld({ turns: [[refund(60_000)], 'Done.'] });
  world.fail(CALL, fault, 2);
  const runId = await world.start();
  await world.vote(await world.hold(runId), FINANCE, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
  const branch = await world.branch(runId, ID);
  expect(branch?.tries.map(({ outcome }) => outcome?.body.outcome)).toEqual([
    'nothing happened',
    'nothing happened',
    undefined,
  ]);
  expect(await seen(world)).toEqual({ attempts: 1, keys: 1, effects: 1 });
});

it.each([
  ['down', down],
  ['throttled', throttled],
])('F23, F26: while the journal is %s before an effect, there is none', async (_, fault) => {
  const world = await openWorld(allowed);
  world.fail(/perform: dynamodb PutItem .*intent/, fault);
  const runId = await world.start();
  await world.until('several tries', async () => world.broken() >= 3);
  expect((await world.ledger()).attempts).toEqual([]);
  world.heal();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, keys: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F26: an effect after which the journal is down is repeated under its key, and happens once', async () => {
  const world = await openWorld(allowed);
  world.fail(/perform: dynamodb PutItem .*(result|outcome)/, down);
  const runId = await world.start();
  await world.until('the effect', async () => (await world.ledger()).effects.length === 1);
  await world.until('the end of its execution', async () => world.broken() >= 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  world.heal();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 2, keys: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F25: a clock five minutes ahead takes an attempt for dead that still runs, and the key makes that harmless', async () => {
  const world = await openWorld({ ...allowed, sandboxDelayMs: 200 });
  const runId = await world.start();
  await world.until('the call', async () => (await world.ledger()).attempts.length === 1);
  const ahead = world.elsewhere({ minutesAhead: 5 });
  const told = await composePerform(ahead, 'issue_refund')(atStep(runId));
  expect(told.step.next).toBe('done');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 2, keys: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ duplicates: [], unauthorised: [] });
});
