import { expect, it } from 'vitest';
import { composePerform } from '../../lambdas/perform/compose.ts';
import { answerLost, dies, diesAfter, down, type Fault, late, onTheWay } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { FINANCE, OPERATIONS, wire } from './proposals.ts';
import { blind } from './scenario.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

const held = { turns: [[wire()], 'Done.'] };
const CALL = /http POST/;
const ID = '0001.00';

async function approved(options: Partial<WorldOptions>, prepare: (world: World) => void) {
  const world = await openWorld({ ...held, ...options });
  const runId = await world.start();
  const hold = await world.hold(runId);
  prepare(world);
  await world.vote(hold, FINANCE, 'approve');
  return { world, runId };
}

/** The process dies at this point, and another one takes up what it left. */
async function crashed(at: RegExp, fault: Fault, options: Partial<WorldOptions> = {}) {
  const { world, runId } = await approved(options, (made) => made.fail(at, fault, 1));
  await world.until('the end of the process', async () => world.broken() === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await world.restart();
  await world.core.reconcile({ allRuns: true });
  return { world, runId };
}

async function seen(world: World) {
  const { attempts, effects } = await world.ledger();
  return { attempts: attempts.length, effects: effects.length };
}

it.each([
  ['F14', 'before its intent is written', /perform: dynamodb PutItem .*intent/, dies],
  ['F14', 'after its intent is written', /perform: dynamodb PutItem .*intent/, diesAfter],
  ['F14', 'before the call is sent', CALL, dies],
  ['F15', 'after the call was answered', CALL, diesAfter],
  ['F15', 'before the result is written', /perform: dynamodb PutItem .*result/, dies],
  ['F15', 'after the result is written', /perform: dynamodb PutItem .*result/, diesAfter],
])('%s: a wire whose process dies %s is looked up, and made once', async (_n, _when, at, fault) => {
  const { world, runId } = await crashed(at, fault);
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});

it('F15: a wire whose process died while it was on its way is not made again before it has landed', async () => {
  const wires = onTheWay();
  const { world, runId } = await crashed(CALL, wires.dies);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await seen(world)).toEqual({ attempts: 0, effects: 0 });
  await wires.land();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});

it('F16: a wire whose connection broke while it was on its way is not made again before it has landed', async () => {
  const wires = onTheWay();
  const { world, runId } = await approved({}, (made) => made.fail(CALL, wires.resets, 1));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await seen(world)).toEqual({ attempts: 0, effects: 0 });
  await wires.land();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});

it.each([
  ['after', 1],
  ['reset', 1],
  ['before', 2],
] as const)('F16: a wire that fails with %s is looked up, and made once', async (how, attempts) => {
  const { world, runId } = await approved({}, (made) => made.sandboxFails(how));
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});

it.each([
  ['it happened', 'succeeded', { attempts: 1, effects: 1 }, 'after'],
  ['it did not happen', 'succeeded', { attempts: 2, effects: 1 }, 'before'],
  ['leave it', 'left in doubt', { attempts: 1, effects: 1 }, 'after'],
] as const)(
  'F16: a wire that nobody can look up is in doubt, and a person says "%s"',
  async (answer, outcome, sent, how) => {
    const { world, runId } = await approved({ agents: [blind] }, (made) => made.sandboxFails(how));
    const hold = await world.hold(runId, 'in-doubt');
    expect(hold).toMatchObject({ tool: 'send_wire', actionId: ID });
    expect(world.alarms.some((what) => what.startsWith('in doubt'))).toBe(true);
    expect(await seen(world)).toMatchObject({ attempts: 1 });
    await world.vote(hold, OPERATIONS, 'answer', { answer });
    expect(await world.endedInTime(runId)).toBe('finished');
    expect(await seen(world)).toEqual(sent);
    expect(await world.result(runId, ID)).toMatchObject({ outcome });
    expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 1 });
  },
);

it.each([
  ['after its intent is written', /perform: dynamodb PutItem .*intent/, diesAfter, 'it did not happen'],
  ['after the call was answered', CALL, diesAfter, 'it happened'],
] as const)(
  'F15: a wire that nobody can look up, and whose process died %s, is in doubt',
  async (_, at, fault, answer) => {
    const { world, runId } = await crashed(at, fault, { agents: [blind] });
    const hold = await world.hold(runId, 'in-doubt');
    await world.vote(hold, OPERATIONS, 'answer', { answer });
    expect(await world.endedInTime(runId)).toBe('finished');
    expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
    expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 1 });
  },
);

it('F18: of two that would begin the same try of a wire at once, one calls', async () => {
  const { world, runId } = await approved({}, () => {});
  const perform = composePerform(world.elsewhere(), 'send_wire');
  const step = { actionId: ID, next: 'perform' as const, hold: 0, seconds: 1, function: 'perform-send_wire' };
  let other: Promise<unknown> = Promise.resolve();
  // Both have found nothing in their way before either has written that it begins.
  world.fail(
    /perform: dynamodb PutItem .*intent/,
    async (proceed) => {
      world.fail(/perform: dynamodb PutItem .*intent/, late(60), 1);
      other = perform({ runId, exec: 1, taken: 1, step }).catch((error) => error);
      await new Promise((resolve) => setTimeout(resolve, 60));
      return proceed();
    },
    1,
  );
  expect(await world.endedInTime(runId)).toBe('finished');
  await other;
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F15: a doubt that nobody resolves within its week is left in doubt, and nothing is tried again', async () => {
  const { world, runId } = await approved({ agents: [blind] }, (made) => made.sandboxFails('after'));
  await world.hold(runId, 'in-doubt');
  world.leap(7 * 24 * 3_600_000 + 2_000);
  await world.endedInTime(runId);
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'left in doubt' });
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
});

it('F15: what was left in doubt is refused to the model when it proposes the same again', async () => {
  const turns = [[wire()], [wire()], 'Done.'];
  const { world, runId } = await approved({ agents: [blind], turns }, (made) => made.sandboxFails('after'));
  await world.vote(await world.hold(runId, 'in-doubt'), OPERATIONS, 'answer', { answer: 'leave it' });
  expect(await world.endedInTime(runId)).toBe('finished');
  const again = await world.branch(runId, '0002.00');
  expect(again?.action.ruling).toMatchObject({
    decision: 'deny',
    reason: 'an equal action was left in doubt',
  });
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
});

it('F15: a doubt that is passed on is answered on the next route, and asked once', async () => {
  const { routes } = await import('../../lambdas/oversight/routes.ts');
  const table = { ...routes, 'in-doubt': { ...routes['in-doubt'], next: 'finance' } as never };
  const { world, runId } = await approved({ agents: [blind], routes: table }, (made) =>
    made.sandboxFails('after'),
  );
  await world.vote(await world.hold(runId, 'in-doubt'), OPERATIONS, 'escalate');
  const passedOn = await world.hold(runId, 'finance');
  await world.vote(passedOn, FINANCE, 'answer', { answer: 'it happened' });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.branch(runId, ID))?.holds).toHaveLength(3);
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
});

it('F15: a wire in doubt is in the inbox within five minutes, also where its function died and nothing says so', async () => {
  const { world, runId } = await approved({ agents: [blind] }, (made) => made.fail(CALL, diesAfter, 1));
  await world.until('the call', async () => (await world.ledger()).effects.length === 1);
  const elsewhere = world.elsewhere();
  const step = { actionId: ID, next: 'perform', hold: 0, seconds: 1, function: 'perform-send_wire' };
  const again = () => composePerform(elsewhere, 'send_wire')({ runId, exec: 1, taken: 1, step });
  await expect(again()).rejects.toMatchObject({ name: 'Retryable' });
  world.leap(26_000);
  expect((await again()).step).toMatchObject({ next: 'hold', hold: 1 });
  expect((await world.branch(runId, ID))?.holds.at(-1)).toMatchObject({ asks: 'doubt', route: 'in-doubt' });
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
});

it('F25: a clock five minutes ahead asks about a wire that is still under way, and makes none', async () => {
  const { world, runId } = await approved({ agents: [blind], sandboxDelayMs: 200 }, () => {});
  await world.until('the call', async () => (await world.ledger()).attempts.length === 1);
  const step = { actionId: ID, next: 'perform', hold: 0, seconds: 1, function: 'perform-send_wire' };
  const ahead = world.elsewhere({ minutesAhead: 5 });
  await composePerform(ahead, 'send_wire')({ runId, exec: 1, taken: 1, step });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.result(runId, ID)).toMatchObject({ outcome: 'succeeded' });
});

it('F26: a wire after which the journal is down is looked up, and made once', async () => {
  const { world, runId } = await approved({}, (made) =>
    made.fail(/perform: dynamodb PutItem .*(result|outcome)/, down),
  );
  await world.until('the effect', async () => (await world.ledger()).effects.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  world.heal();
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});

it('F26: an intent that was written and not acknowledged makes no call, and is not taken for one that was made', async () => {
  const { world, runId } = await approved({}, (made) =>
    made.fail(/perform: dynamodb PutItem .*intent/, answerLost, 1),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await seen(world)).toEqual({ attempts: 0, effects: 0 });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await seen(world)).toEqual({ attempts: 1, effects: 1 });
  expect(await world.judged(runId)).toMatchObject({ ...CLEAN, inDoubt: 0 });
});
