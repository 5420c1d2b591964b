import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

let world: OversightWorld;
beforeAll(async () => {
  world = await openOversightWorld();
});
afterAll(() => world.close());

const brake = (scope: string) =>
  world.send('PUT', `/brakes/${scope}`, 'otto', { reason: 'something is odd' });
const lift = async (scope: string) => {
  expect((await world.send('DELETE', `/brakes/${scope}`, 'olivia')).status).toBe(204);
  await world.core.reconcile();
};
const paused = (runId: string) => world.until(runId, ({ status }) => status === 'paused');

describe('T30: a brake that is set between approval and effect', () => {
  it.each(['all', 'agent:support', 'tool:issue_refund', 'run'])('of scope %s', async (kind) => {
    const runId = await world.start([[refundOf(6_000)]]);
    const [hold] = await world.held(runId);
    const scope = kind === 'run' ? `run:${runId}` : kind;
    await brake(scope);
    await world.vote(hold?.holdId ?? '', 'lena', { decision: 'approve' });
    const { actions } = await paused(runId);
    expect(actions[0]?.effect).toBeUndefined();
    expect(await world.ledger(runId)).toEqual([]);

    // However often it is looked at, it waits and starts nothing.
    world.clock.ahead += 3 * 60_000;
    await world.core.reconcile();
    world.clock.ahead += 3 * 60_000;
    await world.core.reconcile();
    await paused(runId);
    const { json: before } = await world.get(`/runs/${runId}/audit`);
    expect(before.match(/"exec#/g)).toHaveLength(1);

    await lift(scope);
    const run = await world.ended(runId);
    expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    expect(await world.ledger(runId)).toHaveLength(1);
  });

  it('of another tool stops nothing', async () => {
    await brake('tool:send_wire');
    const run = await world.ended(await world.start([[refundOf(4_000)]]));
    expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    await lift('tool:send_wire');
  });
});

describe('the brake of one tool', () => {
  it('leaves the turn’s other actions alone', async () => {
    await brake('tool:issue_refund');
    const look = { tool: 'lookup_customer', args: { customerId: 'C-1002' } };
    const runId = await world.start([[refundOf(4_000), look]]);
    const { actions } = await paused(runId);
    expect(actions.map(({ effect }) => effect?.outcome)).toEqual([undefined, 'succeeded']);
    await lift('tool:issue_refund');
    expect((await world.ended(runId)).actions[0]?.effect?.outcome).toBe('succeeded');
  });

  it('lets a cancelled run end without an effect', async () => {
    await brake('tool:issue_refund');
    const runId = await world.start([[refundOf(4_000)]]);
    await paused(runId);
    await world.send('POST', `/runs/${runId}/cancel`, 'sam');
    await world.core.reconcile();
    const run = await world.ended(runId);
    expect([run.status, run.actions[0]?.effect?.outcome]).toEqual(['cancelled', 'not performed']);
    await lift('tool:issue_refund');
  });
});
