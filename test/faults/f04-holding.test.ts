import { expect, it } from 'vitest';
import { voteKey } from '../../lambdas/journal/keys.ts';
import { answerLost, dies, diesAfter, down, throttled } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { LEAD, refund } from './proposals.ts';
import { openWorld } from './world.ts';

const HOUR = 3_600_000;
const held = { turns: [[refund(6000)], 'Done.'] };
const TOKEN_STORED = /hold: dynamodb UpdateItem rows hold/;
const LOOKED = /hold: dynamodb BatchGetItem journal act#0001\.00#hold#0#settled/;
const HOLD_WRITTEN = /hold: dynamodb PutItem journal act#0001.00#hold#0$/;

it.each([
  ['before its token is stored', TOKEN_STORED, throttled],
  ['after its token is stored', TOKEN_STORED, answerLost],
  ['before its record is written', HOLD_WRITTEN, throttled],
  ['after its record is written', HOLD_WRITTEN, answerLost],
])('F4: a Hold that fails %s is tried again, and waits with its new token', async (_, at, fault) => {
  const world = await openWorld(held);
  world.fail(at, fault, 1);
  const runId = await world.start();
  const hold = await world.hold(runId);
  expect((await world.vote(hold, LEAD, 'approve')).as).toBe('counted');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F4: where the process died after a hold was written and before anybody was told, people are told by the next one, once', async () => {
  const world = await openWorld(held);
  world.fail(HOLD_WRITTEN, diesAfter, 1);
  const runId = await world.start();
  const { id } = await world.hold(runId);
  const told = async () => (await world.environment.rows.get('hold', id))?.told === 'opened';
  await world.restart();
  expect(world.notices).toEqual([]);
  await world.core.reconcile({ allRuns: true });
  await world.until('people are told', async () => {
    await world.core.reconcile();
    return told();
  });
  expect(world.notices.map(({ about }) => about)).toEqual(['opened']);
  for (let round = 0; round < 3; round++) {
    await world.restart();
    world.leap(61_000);
    await Promise.all([world.core.reconcile({ allRuns: true }), world.core.reconcile()]);
  }
  expect(world.notices).toHaveLength(1);
  await world.vote(await world.hold(runId), LEAD, 'approve');
  expect(await world.endedInTime(runId)).toBe('finished');
});

it('F4: a Hold that died alone, with its execution alive, is followed within two minutes by somebody who tells people', async () => {
  const world = await openWorld(held);
  // As where one function is ended and its Retry comes later: the second Hold finds the record.
  world.fail(/hold: dynamodb BatchGetItem journal act#0001.00#hold#0#settled/, throttled, 1);
  const runId = await world.start();
  const { id } = await world.hold(runId);
  await world.until('the second token', async () => {
    const row = await world.environment.rows.get('hold', id);
    return row?.tokens.length === 2 && row.due <= world.now().getTime();
  });
  expect(world.notices).toEqual([]);
  const passes = await Promise.all([world.core.reconcile(), world.core.reconcile()]);
  expect(passes.reduce((sum, { toldLate }) => sum + toldLate, 0)).toBe(1);
  expect(world.notices.map(({ about }) => about)).toEqual(['opened']);
});

it('F4: people who were told are not told again, by no restart and no pass, until they are reminded', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  await world.hold(runId);
  await world.until('people are told', async () => world.notices.length === 1);
  world.leap(61_000);
  expect(await world.core.reconcile()).toMatchObject({ holds: 1, toldLate: 0 });
  for (let round = 0; round < 3; round++) {
    await world.restart();
    await world.core.reconcile({ allRuns: true });
    await world.until('its new token', async () => {
      const [row] = await world.environment.rows.list('hold');
      return row?.tokens.length === round + 2;
    });
    world.leap(HOUR);
    await world.core.reconcile();
  }
  expect(world.notices.map(({ about }) => about)).toEqual(['opened']);
  world.leap(12 * HOUR);
  expect(await world.core.reconcile()).toMatchObject({ reminded: 1 });
  expect(world.notices.map(({ about }) => about)).toEqual(['opened', 'reminder']);
});

it('F5: a vote that finds none but dead tokens is delivered by the Hold that comes after it', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await world.restart();
  const cast = await world.vote(hold, LEAD, 'approve');
  expect(cast.as).toBe('counted');
  expect(await world.environment.rows.list('hold')).toHaveLength(1);
  await world.core.reconcile({ allRuns: true });
  expect(await world.ended(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F5: a vote that comes just before a new token is stored is delivered by the Hold that stores it', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await world.restart();
  world.fail(
    TOKEN_STORED,
    async (proceed) => {
      await world.vote(hold, LEAD, 'approve');
      return proceed();
    },
    1,
  );
  await world.core.reconcile({ allRuns: true });
  expect(await world.ended(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F5: a vote that settles just after a new token was stored is delivered to that one, and waits for no reconciler', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await world.restart();
  // The new Hold looks for a settlement between the vote and the settlement, and finds none.
  world.fail(
    /vote: dynamodb PutItem .*settled/,
    async (proceed) => {
      await world.core.reconcile({ allRuns: true });
      await world.until('the look', async () => world.calls.filter((call) => LOOKED.test(call)).length === 2);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return proceed();
    },
    1,
  );
  await world.vote(hold, LEAD, 'approve');
  expect(await world.ended(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F5: a vote whose process died before the settlement is settled in time, though Hold came in between', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/vote: dynamodb PutItem .*vote#lena/, diesAfter, 1);
  world.vote(hold, LEAD, 'approve').catch(() => {});
  const key = voteKey('0001.00', 0, LEAD).sk;
  await world.until('the vote', async () => (await world.read(runId)).has(key));
  await world.restart();
  await world.core.reconcile({ allRuns: true });
  await world.until('the new token', async () => {
    const [row] = await world.environment.rows.list('hold');
    return row?.tokens.length === 2;
  });
  expect(await world.endedInTime(runId, 62_000)).toBe('finished');
});

it('F5: of two who vote at once, the one who settles nothing does not put off the other', async () => {
  const { routes } = await import('../../lambdas/oversight/routes.ts');
  const lead = { ...routes['support-lead'], groups: ['support-leads', 'finance'], quorum: 2 } as never;
  const world = await openWorld({ ...held, routes: { ...routes, 'support-lead': lead } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  // Lena has settled nothing yet when Frida comes, and dies once her vote is written.
  world.fail(
    /vote: dynamodb PutItem .*vote#lena/,
    async (proceed) => {
      await world.vote(hold, 'frida', 'approve');
      await proceed();
      return new Promise(() => {});
    },
    1,
  );
  world.vote(hold, LEAD, 'approve').catch(() => {});
  const key = voteKey('0001.00', 0, LEAD).sk;
  await world.until('the vote', async () => (await world.read(runId)).has(key));
  expect(await world.endedInTime(runId, 62_000)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(1);
});

it.each([
  ['fails', down],
  ['is throttled', throttled],
  ['is lost after it was sent', answerLost],
])('F6: a notice that %s loses nothing: it is sent again', async (_, fault) => {
  const world = await openWorld(held);
  world.fail(/notifier send/, fault, 1);
  const runId = await world.start();
  const hold = await world.hold(runId);
  await world.until('the mark', async () => {
    const row = await world.environment.rows.get('hold', hold.id);
    return row?.told === 'nobody';
  });
  world.notices.length = 0;
  world.leap(31_000);
  await Promise.all([world.core.reconcile(), world.core.reconcile()]);
  expect(world.notices.map(({ about }) => about)).toEqual(['opened']);
  world.leap(61_000);
  await world.core.reconcile();
  expect(world.notices).toHaveLength(1);
});

it('F6: where no notice ever arrives, the question goes on to the next route by its time', async () => {
  const world = await openWorld(held);
  world.fail(/notifier send/, down);
  const runId = await world.start();
  const { id } = await world.hold(runId, 'support-lead');
  await world.until(
    'the mark',
    async () => (await world.environment.rows.get('hold', id))?.told === 'nobody',
  );
  world.leap(24 * HOUR + 2_000);
  await world.core.reconcile();
  expect(await world.hold(runId, 'finance')).toMatchObject({ level: 1 });
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F7: a vote that timed out and is posted again gets the same receipt, and counts once', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/vote: sfn SendTaskSuccess/, answerLost, 1);
  await expect(world.vote(hold, LEAD, 'approve')).rejects.toThrow('hang up');
  const again = await Promise.all(Array.from({ length: 20 }, () => world.vote(hold, LEAD, 'approve')));
  const hashes = again.map((cast) => (cast.as === 'counted' ? cast.vote.hash : cast.as));
  expect(new Set(hashes).size).toBe(1);
  expect(hashes[0]).not.toBe('expired');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F7: a vote of which nothing was recorded can be cast again', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/vote: dynamodb PutItem/, dies, 1);
  world.vote(hold, LEAD, 'approve').catch(() => {});
  expect((await world.vote(hold, LEAD, 'approve')).as).toBe('counted');
  expect(await world.ended(runId)).toBe('finished');
});
