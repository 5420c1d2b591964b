import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { counted } from '../support/counted.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

const MOST = 5;

let world: OversightWorld;
let crash: ((what: string) => boolean) | undefined;
beforeAll(async () => {
  world = await openOversightWorld({
    agents: [{ ...support, openHolds: MOST }],
    around: (around) => ({
      ...around,
      dynamodb: counted(around.dynamodb, (what) => {
        if (!crash?.(what)) return;
        crash = undefined;
        throw new Error('dead');
      }),
    }),
  });
});
afterAll(() => world.close());

/** Everything that waits is cancelled, so that each test begins with the whole budget. */
beforeEach(async () => {
  const { json } = await world.get('/runs?limit=200');
  for (const { runId, status } of json.items) {
    if (['finished', 'failed', 'cancelled'].includes(status)) continue;
    await world.send('POST', `/runs/${runId}/cancel`, 'otto');
    await world.ended(runId);
  }
  expect(await open('sam')).toEqual({});
});

let customer = 3_000;
const question = () => refundOf(6_000, { customerId: `C-${++customer}` });
const open = async (who: string) =>
  (await world.core.environment.rows.get('budget', `support#${who}`))?.open ?? {};
const asks = (runId: string) =>
  world.until(runId, (run) => run.endedAt !== undefined || (run.actions[0]?.holds.length ?? 0) > 0);

describe('T5: a flood of proposals', () => {
  it('of many runs at once leaves no more questions open than the budget; others are not affected', async () => {
    const runs = await Promise.all(Array.from({ length: 25 }, () => world.start([[question()]])));
    const all = await Promise.all(runs.map(asks));
    const held = all.filter(({ endedAt }) => endedAt === undefined);
    expect(held).toHaveLength(MOST);
    for (const { actions, endedAt } of all) {
      if (endedAt === undefined) continue;
      expect(actions[0]?.ruling).toMatchObject({
        decision: 'deny',
        reason: '5 questions of support for sam wait for people already',
      });
    }
    const { json } = await world.get('/holds?limit=200', 'lena');
    expect(json.items.filter(({ runId }: { runId: string }) => runs.includes(runId))).toHaveLength(MOST);

    const other = await asks(await world.start([[question()]], 'frida'));
    expect(other.actions[0]?.ruling.decision).toBe('hold');
  });

  it('of a thousand within a minute: no more are asked than the budget, the rest is denied and says why', {
    timeout: 60_000,
  }, async () => {
    const since = performance.now();
    const turns = Array.from({ length: 50 }, () => [Array.from({ length: 20 }, question)]);
    const runs = await Promise.all(turns.map((turn) => world.start(turn)));
    const all = await Promise.all(
      runs.map((runId) => world.until(runId, ({ actions }) => actions.length === 20)),
    );
    expect(performance.now() - since).toBeLessThan(60_000);
    const rulings = all.flatMap(({ actions }) => actions.map(({ ruling }) => ruling));
    expect(rulings).toHaveLength(1_000);
    expect(rulings.filter(({ decision }) => decision === 'hold')).toHaveLength(MOST);
    const denied = rulings.filter(({ decision }) => decision === 'deny');
    expect(denied).toHaveLength(1_000 - MOST);
    for (const { reason } of denied)
      expect(reason).toMatch(/^\d questions of support for sam wait for people already$/);
  });

  it('of one turn: the first ones are asked, the rest is denied', async () => {
    const runId = await world.start([Array.from({ length: 8 }, question)]);
    await world.held(runId, MOST);
    const { actions } = await world.until(runId, () => true);
    expect(actions.map(({ ruling }) => ruling.decision)).toEqual([
      ...Array.from({ length: MOST }, () => 'hold'),
      ...Array.from({ length: 3 }, () => 'deny'),
    ]);
  });

  it('what needs no person is not counted', async () => {
    const small = Array.from({ length: 8 }, () => refundOf(100, { customerId: `C-${++customer}` }));
    const run = await world.ended(await world.start([small]));
    expect(run.actions.every(({ effect }) => effect?.outcome === 'succeeded')).toBe(true);
    expect(await open('sam')).toEqual({});
  });
});

describe('room', () => {
  it('is kept from turn to turn, given up by a turn that asks nothing, and left at the end', async () => {
    const look = { tool: 'lookup_customer', args: { customerId: 'C-1001' } };
    const approve = async (runId: string) => {
      const [hold] = await world.held(runId);
      await world.vote(hold?.holdId ?? '', 'lena', { decision: 'approve' });
    };
    const runId = await world.start([[question()], [question()], [look, refundOf(100)], [question()]]);
    const seen: number[] = [];
    for (const turns of [1, 2, 4]) {
      await world.until(runId, (run) => run.turns === turns);
      const [hold] = await world.held(runId);
      seen.push((await open('sam'))[runId] ?? 0);
      expect(hold).toBeDefined();
      await approve(runId);
    }
    await world.ended(runId);
    expect(seen).toEqual([1, 1, 1]);
    expect(await open('sam')).toEqual({});
  });

  it('is taken once by a Plan that dies and is tried again', async () => {
    crash = (what) => what === 'PutItem journal turn#0001';
    const runId = await world.start([[question(), question()]]);
    await world.held(runId, 2);
    expect(crash).toBeUndefined();
    expect(await open('sam')).toEqual({ [runId]: 2 });
  });

  it('is left by a run whose end was cut short', async () => {
    const runId = await world.start([[question()]]);
    const [hold] = await world.held(runId);
    crash = (what) => what === 'PutItem rows budget support#sam';
    await world.vote(hold?.holdId ?? '', 'lena', { decision: 'reject' });
    await world.ended(runId);
    await vi.waitFor(async () => expect(await open('sam')).toEqual({}));
    expect(crash).toBeUndefined();
  });

  it('is given up for a run that has ended, by who wants it: a Plan that came too late had taken it', async () => {
    const { rows } = world.core.environment;
    const ended = await world.ended(await world.start([[refundOf(100)]]));
    const kept = await world.start([[question()]]);
    await world.held(kept);
    const row = await rows.get('budget', 'support#sam');
    if (!row) throw new Error('no row');
    const full = { ...row.open, [ended.runId]: MOST - 2, never: 1 };
    await rows.putNext({ ...row, version: row.version + 1, open: full });

    const runId = await world.start([[question(), question()]]);
    await world.held(runId, 2);
    expect(await open('sam')).toEqual({ [kept]: 1, [runId]: 2 });
  });
});
