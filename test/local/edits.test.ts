import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

let world: OversightWorld;
beforeAll(async () => {
  world = await openOversightWorld();
});
afterAll(() => world.close());

const held = async (amountMinor: number) => {
  const call = refundOf(amountMinor);
  const runId = await world.start([[call]]);
  const [hold] = await world.held(runId);
  const edit = (to: number) =>
    world.vote(hold?.holdId ?? '', 'lena', { decision: 'edit', args: { ...call.args, amountMinor: to } });
  return { runId, edit };
};

describe('an edit', () => {
  it('that makes it riskier is asked at the higher tier, on the stronger route, with a challenge', async () => {
    const { runId, edit } = await held(40_000);
    expect((await edit(60_000)).json.status).toBe('edited');
    const [next] = await world.held(runId);
    expect(next).toMatchObject({ route: 'finance', tier: 'high' });
    const holdId = next?.holdId ?? '';
    const { json } = await world.get(`/holds/${holdId}`, 'frida');
    expect(json.args.amountMinor).toBe(60_000);
    const bare = { decision: 'approve', digest: json.digest };
    const unread = await world.send('POST', `/holds/${holdId}/votes`, 'frida', bare);
    expect([unread.status, unread.json.errors[0].field]).toEqual([422, 'challenge']);

    await world.vote(holdId, 'frida', { decision: 'approve' });
    const run = await world.ended(runId);
    expect(run.actions[0]?.effect?.outcome).toBe('succeeded');
    expect((await world.ledger(runId)).map(({ args }) => args.amountMinor)).toEqual([60_000]);
  });

  it('that makes it harmless is performed as edited, by policy and without another approval', async () => {
    const { runId, edit } = await held(6_000);
    await edit(4_000);
    const run = await world.ended(runId);
    expect(run.actions[0]?.holds).toHaveLength(1);
    expect((await world.ledger(runId)).map(({ args }) => args.amountMinor)).toEqual([4_000]);
  });

  it('to what the policy forbids is not performed', async () => {
    const { runId, edit } = await held(6_000);
    await edit(600_000);
    const run = await world.ended(runId);
    expect(run.actions[0]?.effect).toMatchObject({
      outcome: 'not performed',
      why: expect.stringContaining('5,000.00'),
    });
  });

  it('is not approved by whoever made it: four-eyes', async () => {
    const { runId, edit } = await held(6_000);
    await edit(7_000);
    const [next] = await world.held(runId);
    const { json } = await world.get(`/holds/${next?.holdId}`, 'lena');
    expect(json.decisions).toEqual([]);
    const own = await world.vote(next?.holdId ?? '', 'lena', { decision: 'approve' });
    expect(own.status).toBe(403);
  });
});
