import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counted } from '../support/counted.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

/** 20 × 49.00 are 980.00, and the next one would be more than 1,000.00 within 24 hours. */
const SMALL = 4_900;
const DAY_MS = 24 * 3_600_000;

let world: OversightWorld;
let crash: ((what: string) => boolean) | undefined;
let afterRuling: (() => Promise<void>) | undefined;
beforeAll(async () => {
  world = await openOversightWorld({
    around: (around) => ({
      ...around,
      dynamodb: counted(around.dynamodb, async (what) => {
        if (what === 'PutItem journal turn#0001') await afterRuling?.();
        if (!crash?.(what)) return;
        crash = undefined;
        throw new Error('dead');
      }),
    }),
  });
});
afterAll(() => world.close());

const customers = ['C-1001', 'C-1002', 'C-1003', 'C-1004', 'C-1005', 'C-1006', 'C-1009'];
const refundTo = (customerId: string, amountMinor = SMALL, n = 0) =>
  refundOf(amountMinor, { customerId, reason: `Part ${n}` });
const countOf = async (customerId: string) => {
  const row = await world.core.environment.rows.get('counter', `support#EUR#customer:${customerId}`);
  return row?.taken.reduce((sum, { count }) => sum + count, 0) ?? 0;
};

describe('T31: what is split into small amounts', () => {
  it('one after the other: twenty refunds are allowed, the twenty-first is held', async () => {
    const [customer = ''] = customers;
    for (let n = 0; n < 20; n++) {
      const run = await world.ended(await world.start([[refundTo(customer)]]));
      expect(run.actions[0]?.ruling.decision, `refund ${n}`).toBe('allow');
      expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    }
    const runId = await world.start([[refundTo(customer)]]);
    const [hold] = await world.held(runId);
    expect(hold).toMatchObject({ route: 'finance', tier: 'high' });
    expect(hold?.why).toContain('over 1,000.00 within 24 hours');
    expect(await world.ledger(runId)).toEqual([]);

    await world.vote(hold?.holdId ?? '', 'frida', { decision: 'approve' });
    expect((await world.ended(runId)).actions[0]?.effect?.outcome).toBe('succeeded');
    expect(await countOf(customer)).toBe(21);
  });

  it('of another customer nothing was taken', async () => {
    const run = await world.ended(await world.start([[refundTo('C-1009')]]));
    expect(run.actions[0]?.ruling.decision).toBe('allow');
  });

  it('all at once: twenty are paid, the twenty-first is asked about', async () => {
    const [, customer = ''] = customers;
    const runs = await Promise.all(Array.from({ length: 21 }, () => world.start([[refundTo(customer)]])));
    const all = await Promise.all(
      runs.map((runId) =>
        world.until(
          runId,
          ({ endedAt, actions }) => endedAt !== undefined || (actions[0]?.holds.length ?? 0) > 0,
        ),
      ),
    );
    const paid = all.filter(({ actions }) => actions[0]?.effect?.outcome === 'succeeded');
    const asked = all.filter(({ actions }) => (actions[0]?.holds.length ?? 0) > 0);
    expect([paid.length, asked.length]).toEqual([20, 1]);
    const effects = (await world.ledger()).filter(({ args }) => args.customerId === customer);
    expect(effects).toHaveLength(20);
    expect(await countOf(customer)).toBe(20);
    expect(asked[0]?.actions[0]?.holds[0]).toMatchObject({ route: 'finance', settlement: null });
  });

  it('in one turn: what earlier actions of the turn will take counts too', async () => {
    const [, , customer = ''] = customers;
    const calls = Array.from({ length: 11 }, (_, n) => n).map((n) => refundTo(customer, 49_000, n));
    const runId = await world.start([calls]);
    await world.held(runId, 11);
    const run = await world.until(runId, () => true);
    const asked = run.actions.map(({ ruling }) => ('route' in ruling ? ruling.route : ''));
    expect(asked).toEqual([...Array.from({ length: 10 }, () => 'support-lead'), 'finance']);
  });

  it('after 24 hours it counts no more', async () => {
    const [customer = ''] = customers;
    world.clock.ahead += DAY_MS;
    const run = await world.ended(await world.start([[refundTo(customer)]]));
    expect(run.actions[0]?.ruling.decision).toBe('allow');
    expect(await countOf(customer)).toBe(1);
  });

  it('between the ruling and the effect: what others took meanwhile is asked about as over the limit', async () => {
    const [, , , , , , customer = ''] = customers;
    const { rows } = world.core.environment;
    const id = `support#EUR#customer:${customer}`;
    afterRuling = async () => {
      afterRuling = undefined;
      const at = new Date(Date.now() + world.clock.ahead).toISOString();
      const { version = 0 } = (await rows.get('counter', id)) ?? {};
      const taken = [{ key: 'another', at, amountMinor: 99_000, count: 1 }];
      await rows.putNext({ kind: 'counter', id, version: version + 1, taken });
    };
    const runId = await world.start([[refundTo(customer)]]);
    const [hold] = await world.held(runId);
    expect(hold).toMatchObject({ route: 'finance', tier: 'high' });
    const { json: audit } = await world.get(`/runs/${runId}/audit`);
    expect(audit).toMatch(/"kind":"again"[^\n]*"why":"over limit"/);
    expect(await world.ledger(runId)).toEqual([]);
    expect(await countOf(customer)).toBe(1);
  });

  it('what is held takes nothing while it waits, and nothing where it is rejected', async () => {
    const [, , , customer = ''] = customers;
    const runId = await world.start([[refundTo(customer, 20_000)]]);
    const [hold] = await world.held(runId);
    expect(await countOf(customer)).toBe(0);
    await world.vote(hold?.holdId ?? '', 'lena', { decision: 'reject' });
    await world.ended(runId);
    expect(await countOf(customer)).toBe(0);
  });

  it('a crash between the taking and the intent takes once', async () => {
    const [, , , , customer = ''] = customers;
    crash = (what) => what.includes('#intent');
    const run = await world.ended(await world.start([[refundTo(customer)]]));
    expect(crash).toBeUndefined();
    expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    expect(await countOf(customer)).toBe(1);
  });

  it('cancelled between the taking and the intent, it gives back', async () => {
    const [, , , , , customer = ''] = customers;
    let runId = '';
    crash = (what) => {
      if (!what.includes('#intent')) return false;
      void world.send('POST', `/runs/${runId}/cancel`, 'sam');
      return true;
    };
    runId = await world.start([[refundTo(customer)]]);
    const run = await world.ended(runId);
    expect(run.actions[0]?.effect?.outcome).toBe('not performed');
    expect(await countOf(customer)).toBe(0);
  });
});
