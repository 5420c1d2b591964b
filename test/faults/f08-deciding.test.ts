import { expect, it } from 'vitest';
import { settledKey } from '../../lambdas/journal/keys.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { answerLost, diesAfter, down, late, throttled } from './fault-kinds.ts';
import { CLEAN } from './judge.ts';
import { FINANCE, refund, wire } from './proposals.ts';
import { openWorld } from './world.ts';

const HOUR = 3_600_000;
/** Finance decides on it: Frida and Felix, one of them is enough. */
const held = { turns: [[refund(60_000)], 'Done.'] };
const SETTLED = settledKey('0001.00', 0).sk;

it.each([
  ['approve', 'reject'],
  ['reject', 'approve'],
] as const)(
  'F8: of an approval and a rejection at once one wins, and both are told which (%s first)',
  async (first, second) => {
    const world = await openWorld(held);
    const runId = await world.start();
    const hold = await world.hold(runId);
    // Both have counted before either has written what came of it.
    world.fail(/vote: dynamodb PutItem .*settled/, late(80), 1);
    const slow = world.vote(hold, FINANCE, second);
    await new Promise((resolve) => setTimeout(resolve, 25));
    const quick = await world.vote(hold, 'felix', first);
    const casts = [quick, await slow];
    const settled = (await world.branch(runId, '0001.00'))?.holds[0]?.settled?.body;
    // The quick one has seen the slow one's vote, and one rejection ends it.
    expect(settled?.outcome).toBe('rejected');
    for (const cast of casts) if ('settled' in cast) expect(cast.settled?.body.outcome).toBe('rejected');
    expect(casts.map(({ as }) => as).sort()).toEqual(['counted', 'settled otherwise']);
    expect(await world.endedInTime(runId)).toBe('finished');
    expect((await world.ledger()).attempts).toEqual([]);
  },
);

it('F8: a rejection that comes while an approval is being settled is not acknowledged', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  let rejected: unknown;
  world.fail(
    /vote: dynamodb PutItem .*settled/,
    async (proceed) => {
      const done = proceed();
      rejected = (await world.vote(hold, 'felix', 'reject')).as;
      return done;
    },
    1,
  );
  const approved = await world.vote(hold, FINANCE, 'approve');
  expect([approved.as, rejected]).toEqual(['counted', 'settled otherwise']);
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F8: a quorum of two that votes at once is settled once, and performed once', async () => {
  const both = { ...routes.finance, quorum: 2 } as never;
  const world = await openWorld({ ...held, routes: { ...routes, finance: both } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  const casts = await Promise.all([
    world.vote(hold, FINANCE, 'approve'),
    world.vote(hold, 'felix', 'approve'),
  ]);
  expect(casts.map(({ as }) => as)).toEqual(['counted', 'counted']);
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F8: one of two approvers is not enough, however often', async () => {
  const both = { ...routes.finance, quorum: 2 } as never;
  const world = await openWorld({ ...held, routes: { ...routes, finance: both } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  await Promise.all(Array.from({ length: 5 }, () => world.vote(hold, FINANCE, 'approve')));
  world.leap(31_000);
  await world.core.reconcile();
  expect((await world.read(runId)).has(SETTLED)).toBe(false);
  expect((await world.ledger()).attempts).toEqual([]);
});

it.each([
  [
    'F9: a settlement whose process died before the token was sent',
    diesAfter,
    /vote: dynamodb PutItem .*settled/,
  ],
  ['F9: a settlement whose token could not be sent', down, /sfn SendTaskSuccess/],
  ['F11: a settlement whose token is throttled', throttled, /sfn SendTaskSuccess/],
])('%s is delivered by the reconciler', async (_, fault, at) => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(at, fault, 1);
  world.vote(hold, FINANCE, 'approve').catch(() => {});
  await world.until('the settlement', async () => (await world.read(runId)).has(SETTLED));
  expect(await world.endedInTime(runId, 62_000)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F10: a token that was taken without an acknowledgement is sent again, found stale, and dropped', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/sfn SendTaskSuccess/, answerLost, 2);
  await expect(world.vote(hold, FINANCE, 'approve')).rejects.toThrow('hang up');
  expect(await world.ended(runId)).toBe('finished');
  expect(await world.environment.rows.list('hold')).toHaveLength(1);
  expect(await world.endedInTime(runId)).toBe('finished');
  expect(await world.environment.rows.list('hold')).toEqual([]);
  expect((await world.ledger()).attempts).toHaveLength(1);
});

it('F11: a token that is throttled again and again is sent until it is taken', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/sfn SendTaskSuccess/, throttled, 4);
  await expect(world.vote(hold, FINANCE, 'approve')).rejects.toThrow('slow down');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).effects).toHaveLength(1);
});

it('F12: an approval after the expiry is told the true outcome, and approves nothing', async () => {
  const { next: _, ...last } = routes.finance as never as Record<string, unknown>;
  const world = await openWorld({ ...held, routes: { ...routes, finance: last as never } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.leap(24 * HOUR + 1_000);
  const cast = await world.vote(hold, FINANCE, 'approve');
  expect(cast).toMatchObject({ as: 'expired', settled: { body: { outcome: 'expired' } } });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F12: an approval that was in time and is written after the hold has expired is not acknowledged', async () => {
  const { next: _, ...last } = routes.finance as never as Record<string, unknown>;
  const world = await openWorld({ ...held, routes: { ...routes, finance: last as never } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(
    /vote: dynamodb PutItem .*vote#/,
    async (proceed) => {
      world.leap(24 * HOUR + 62_000);
      await world.core.reconcile();
      return proceed();
    },
    1,
  );
  expect((await world.vote(hold, FINANCE, 'approve')).as).toBe('expired');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F12: an approval that is written after the expiry, and before anybody has settled, counts for nothing', async () => {
  const { next: _, ...last } = routes.finance as never as Record<string, unknown>;
  const world = await openWorld({ ...held, routes: { ...routes, finance: last as never } });
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(
    /vote: dynamodb UpdateItem rows hold/,
    async (proceed) => {
      world.leap(24 * HOUR + 1_000);
      return proceed();
    },
    1,
  );
  expect(await world.vote(hold, FINANCE, 'approve')).toMatchObject({ as: 'expired' });
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toEqual([]);
});

it('F23: a vote that is throttled is not acknowledged and counts for nothing; cast again, it counts once', async () => {
  const world = await openWorld(held);
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.fail(/vote: dynamodb PutItem .*vote#/, throttled, 1);
  await expect(world.vote(hold, FINANCE, 'approve')).rejects.toThrow('slow down');
  world.leap(31_000);
  await world.core.reconcile();
  expect((await world.read(runId)).has(SETTLED)).toBe(false);
  expect((await world.ledger()).attempts).toEqual([]);
  expect((await world.vote(hold, FINANCE, 'approve')).as).toBe('counted');
  expect(await world.endedInTime(runId)).toBe('finished');
  expect((await world.ledger()).attempts).toHaveLength(1);
  expect(await world.judged(runId)).toMatchObject(CLEAN);
});

it('F13: a question that nobody ever answers goes from route to route, expires, and is never approved', async () => {
  const world = await openWorld({ turns: [[wire()], 'Done.'] });
  const runId = await world.start();
  for (const route of ['finance', 'critical', 'critical-second']) {
    await world.hold(runId, route);
    world.leap(24 * HOUR + 2_000);
    await world.core.reconcile();
  }
  expect(await world.endedInTime(runId)).toBe('finished');
  const branch = await world.branch(runId, '0001.00');
  expect(branch?.holds.map(({ settled }) => settled?.body.outcome)).toEqual([
    'escalated',
    'escalated',
    'expired',
  ]);
  expect(branch?.result?.body).toMatchObject({ outcome: 'not performed', why: 'nobody decided in time' });
  expect((await world.ledger()).attempts).toEqual([]);
});
