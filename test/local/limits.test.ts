import { expect, it } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { record } from '../../lambdas/journal/journal.ts';
import { runKey } from '../../lambdas/journal/keys.ts';
import { RunRecord } from '../../lambdas/journal/records.ts';
import type { Limits } from '../../lambdas/runs/limits.ts';
import { viewRun } from '../../lambdas/runs/run-view.ts';
import { lookUp } from '../faults/proposals.ts';
import { openWorld } from '../faults/world.ts';

/** Each turn is one read; a token costs three millionths in, fifteen out, and a turn has one of each. */
const PRICE = { input: 3_000_000, output: 15_000_000 };

async function play(
  limits: Partial<Limits>,
  price: { readonly input: number; readonly output: number } = PRICE,
) {
  const world = await openWorld({
    agents: [{ ...support, limits: { ...support.limits, ...limits } }],
    turns: Array.from({ length: 8 }, () => [lookUp]),
    price,
  });
  const runId = await world.start();
  const status = await world.ended(runId);
  return { world, runId, status, run: viewRun(await world.read(runId), { now: world.now() }) };
}

it.each([
  ['turns', { turns: 3 }, 'limit reached: 3 turns', 3],
  ['tokens', { tokens: 5 }, 'limit reached: 5 tokens', 3],
  ['spend', { spendMicros: 40 }, 'limit reached: spend of 0.000040 USD', 3],
  ['context', { contextBytes: 5_500 }, 'limit reached: context of 5500 bytes', undefined],
] as const)(
  'a run that reaches its limit of %s ends with that limit and its figure',
  async (_, limits, reason, turns) => {
    const { run, status } = await play(limits);
    expect(status).toBe('failed');
    expect(run).toMatchObject({ status: 'failed', reason, limits });
    if (turns !== undefined) expect(run?.turns).toBe(turns);
    expect(run?.turns).toBeGreaterThan(0);
    expect(run?.turns).toBeLessThan(8);
    // All that was proposed before has its result.
    expect(run?.actions.every(({ effect }) => effect?.outcome === 'succeeded')).toBe(true);
  },
);

it('a run that has waited past its wall time ends with that limit, and not before what is held is decided', async () => {
  const refund = {
    tool: 'issue_refund',
    args: { customerId: 'C-1001', orderId: 'O-5001', amountMinor: 6000, currency: 'EUR', reason: 'Broken' },
  };
  const world = await openWorld({
    agents: [{ ...support, limits: { ...support.limits, wallSeconds: 600 } }],
    turns: [[refund], 'Done.'],
  });
  const runId = await world.start();
  const hold = await world.hold(runId);
  world.leap(601_000);
  await world.vote(hold, 'lena', 'approve');
  expect(await world.ended(runId)).toBe('failed');
  expect(await world.result(runId, '0001.00')).toMatchObject({ outcome: 'succeeded' });
  const run = viewRun(await world.read(runId), { now: world.now() });
  expect(run?.reason).toBe('limit reached: 600 s');
});

it('shows what a run has spent, rounded up call by call, and what it may spend', async () => {
  const { run } = await play({ turns: 3, spendMicros: 1_000 }, { input: 1, output: 1 });
  expect(run).toMatchObject({ tokens: 6, spendMicros: 3, limits: { turns: 3, spendMicros: 1_000 } });
});

it('counts what the next turn would send: instructions, tools, and every message so far', async () => {
  const { run } = await play({ contextBytes: 1 });
  expect(run).toMatchObject({ turns: 0, reason: 'limit reached: context of 1 bytes' });
});

it('reads the record of a run from before there were limits on spend and context: it has none', async () => {
  const { world, runId } = await play({ turns: 1 });
  const body = record(await world.read(runId), runKey, 'run')?.body;
  const { turns, tokens, wallSeconds } = support.limits;
  const { price, ...old } = { ...body, limits: { turns, tokens, wallSeconds } };
  expect(price).toEqual(PRICE);
  expect(RunRecord.parse(old)).toEqual(old);
});
