import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineRoutes } from '../../lambdas/oversight/check-routes.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

let world: OversightWorld;
const open = async (limitSeconds: number, more: object = {}) => {
  const lead = {
    groups: ['support-leads'],
    quorum: 1,
    fourEyes: true,
    strictness: 30,
    limitSeconds,
    ...more,
  };
  world = await openOversightWorld({ routes: defineRoutes({ ...routes, 'support-lead': lead }) });
  const runId = await world.start([[refundOf(6_000)]]);
  const [hold] = await world.held(runId);
  const begun = Date.parse(hold?.openedAt ?? '') - Date.now();
  /** Moves to a share of the limit, looks twice, and says what people were told of since. */
  const at = async (share: number) => {
    world.clock.ahead = begun + share * limitSeconds * SECOND;
    const before = world.notices.length;
    await world.core.reconcile();
    await world.core.reconcile();
    return world.notices.slice(before).map(({ about }) => about);
  };
  return { runId, at };
};
const close = async () => world.close();

describe.each([
  ['a minute', 60],
  ['a day', DAY / SECOND],
  ['a year', 31_536_000],
])('a hold that waits for %s', (_, limit) => {
  let at: (share: number) => Promise<string[]>;
  let runId: string;
  beforeAll(async () => {
    ({ at, runId } = await open(limit));
  });
  afterAll(close);

  it('is told of at once, reminded of at half of its time, warned of shortly before its end, each once, and then expires', async () => {
    expect(world.notices.map(({ about }) => about)).toEqual(['opened']);
    expect(await at(0.3)).toEqual([]);
    expect(await at(0.51)).toEqual(['reminder']);
    expect(await at(0.7)).toEqual([]);
    expect(await at(0.91)).toEqual(['warning']);
    expect(await at(0.97)).toEqual([]);
    expect((await world.until(runId, () => true)).status).toBe('held');
    expect(await at(1.1)).toEqual([]);
    const run = await world.ended(runId);
    expect(run.actions[0]?.holds[0]?.settlement).toBe('expired');
    expect(run.actions[0]?.effect?.outcome).toBe('not performed');
    expect(await world.ledger(runId)).toEqual([]);
  });
});

describe('after an outage', () => {
  afterAll(close);
  it('only the last of the notices that are overdue is sent', async () => {
    const { at } = await open(DAY / SECOND);
    expect(await at(0.95)).toEqual(['warning']);
  });
});

describe('a critical question that one of two groups does not answer', () => {
  beforeAll(async () => {
    world = await openOversightWorld();
  });
  afterAll(close);

  it('goes on at half of its time, and a director stands in', async () => {
    const runId = await world.start([[{ tool: 'delete_record', args: { table: 'orders', id: 'O-5001' } }]]);
    const [first] = await world.held(runId);
    await world.vote(first?.holdId ?? '', 'frida', { decision: 'approve' });
    world.clock.ahead += 2 * 3_600 * SECOND + 2 * SECOND;
    await world.core.reconcile();

    const [second] = await world.held(runId);
    expect(second).toMatchObject({ route: 'critical-second', level: 1 });
    expect(await world.ledger(runId)).toEqual([]);
    for (const [who, status] of [
      ['frida', 'open'],
      ['dora', 'approved'],
    ] as const) {
      const { json } = await world.vote(second?.holdId ?? '', who, { decision: 'approve' });
      expect(json.status).toBe(status);
    }
    expect((await world.ended(runId)).actions[0]?.effect?.outcome).toBe('succeeded');
    expect(await world.ledger(runId)).toHaveLength(1);
  });
});

describe('a route with times of its own', () => {
  afterAll(close);
  it('keeps to them', async () => {
    const { at } = await open(DAY / SECOND, { remindAt: 0.2, warnAt: 0.6 });
    expect(await at(0.25)).toEqual(['reminder']);
    expect(await at(0.65)).toEqual(['warning']);
  });

  it('is refused where the warning would come before the reminder', () => {
    const lead = { groups: ['a'], quorum: 1, fourEyes: false, limitSeconds: 5, strictness: 1 };
    expect(() => defineRoutes({ lead: { ...lead, remindAt: 0.5, warnAt: 0.5 } })).toThrow(/warnAt/);
  });
});
