import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

let world: OversightWorld;
beforeAll(async () => {
  world = await openOversightWorld();
});
afterAll(() => world.close());

it.each([
  ['other arguments', 'C-5001', 6_001],
  ['the same arguments', 'C-5002', 6_000],
])(
  'T3: an approval opens nothing else: a second action, of %s, is asked anew',
  async (_, customerId, amount) => {
    const turns = [[refundOf(6_000, { customerId })], [refundOf(amount, { customerId })]];
    const runId = await world.start(turns);
    const [first] = await world.held(runId);
    await world.vote(first?.holdId ?? '', 'lena', { decision: 'approve' });
    await world.until(runId, ({ actions }) => actions.length === 2);

    const [second] = await world.held(runId);
    const { json } = await world.get(`/holds/${second?.holdId}`, 'lena');
    expect(json).toMatchObject({ actionId: '0002.00', status: 'open', votes: [] });
    expect(await world.ledger(runId)).toHaveLength(1);
    await world.vote(second?.holdId ?? '', 'lena', { decision: 'reject' });
    await world.ended(runId);
    expect((await world.ledger(runId)).map(({ args }) => args.amountMinor)).toEqual([6_000]);
  },
);

it('T3: the digest of one action decides on no other', async () => {
  const runId = await world.start([[refundOf(6_000), refundOf(6_001)]]);
  const [one, other] = await world.held(runId, 2);
  const { json } = await world.get(`/holds/${one?.holdId}`, 'lena');
  const { status } = await world.send('POST', `/holds/${other?.holdId}/votes`, 'lena', {
    decision: 'approve',
    digest: json.digest,
  });
  expect(status).toBe(409);
  expect(await world.ledger(runId)).toEqual([]);
});

it('an action that equals an open one of its turn is refused to the model, a read is not', async () => {
  const look = { tool: 'lookup_customer', args: { customerId: 'C-1001' } };
  const twice = refundOf(6_000, { customerId: 'C-5003' });
  const runId = await world.start([[twice, twice, look, look]]);
  const [hold] = await world.held(runId);
  await world.vote(hold?.holdId ?? '', 'lena', { decision: 'approve' });
  const { actions } = await world.ended(runId);
  expect(actions.map(({ ruling }) => ruling.decision)).toEqual(['hold', 'deny', 'allow', 'allow']);
  expect(actions[1]?.ruling.reason).toBe('an equal action is open in this turn');
  expect(await world.ledger(runId)).toHaveLength(1);
});
