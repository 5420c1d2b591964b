import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNUSUAL } from '../../lambdas/oversight/approvers.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

let world: OversightWorld;
beforeAll(async () => {
  world = await openOversightWorld();
});
afterAll(() => world.close());

let customer = 4_000;
const figures = async (who: string) => {
  const { json } = await world.get('/approvers', 'otto');
  return json.items.find((item: { who: string }) => item.who === who);
};
const question = async (input: object = {}) => {
  const turns = [[refundOf(6_000, { customerId: `C-${++customer}` })]];
  const { status, json } = await world.send('POST', '/runs', 'otto', {
    agent: 'support',
    input: JSON.stringify(turns),
    ...input,
  });
  expect(status, JSON.stringify(json)).toBe(201);
  const [hold] = await world.held(json.runId);
  return { runId: json.runId as string, holdId: hold?.holdId ?? '' };
};
const decide = async (decision: string, input: object = {}) => {
  const { runId, holdId } = await question(input);
  expect((await world.vote(holdId, 'lena', { decision })).status).toBe(200);
  return { holdId, run: await world.ended(runId) };
};

describe('T4: a canary', () => {
  it('that is approved has no effect, flags the approver and raises an alarm', async () => {
    const { run } = await decide('approve', { canary: true });
    expect(run.actions[0]?.effect).toMatchObject({
      outcome: 'not performed',
      why: expect.stringContaining('a test of attention'),
    });
    expect(await world.ledger(run.runId)).toEqual([]);
    expect(world.alarms).toContain('an approver seems not to look: lena approved a canary');
    expect(await figures('lena')).toMatchObject({ canariesMissed: 1, canariesCaught: 0 });
  });

  it('that is rejected is caught', async () => {
    await decide('reject', { canary: true });
    expect(await figures('lena')).toMatchObject({ canariesMissed: 1, canariesCaught: 1 });
  });

  it('looks like any other question to those who are asked', async () => {
    const canary = await question({ canary: true });
    const plain = await question();
    const shown = async ({ holdId, runId }: { holdId: string; runId: string }) => {
      const { json: hold } = await world.get(`/holds/${holdId}`, 'lena');
      const { json: run } = await world.get(`/runs/${runId}`, 'lena');
      return [Object.keys(hold).sort(), Object.keys(run).sort()];
    };
    expect(await shown(canary)).toEqual(await shown(plain));
  });

  it('what needs no person is not performed either', async () => {
    const { json } = await world.send('POST', '/runs', 'otto', {
      agent: 'support',
      input: JSON.stringify([[refundOf(100)]]),
      canary: true,
    });
    const run = await world.ended(json.runId);
    expect(run.actions[0]?.effect?.outcome).toBe('not performed');
    expect(await world.ledger(json.runId)).toEqual([]);
  });

  it('is started by operators alone', async () => {
    const { status } = await world.send('POST', '/runs', 'lena', {
      agent: 'support',
      input: '[]',
      canary: true,
    });
    expect(status).toBe(403);
  });
});

describe('figures of an approver', () => {
  it('tell how many were approved and how long it took, once for each decision', async () => {
    const before = await figures('lena');
    const first = await question();
    world.clock.ahead += 90_000;
    for (let n = 0; n < 3; n++) await world.vote(first.holdId, 'lena', { decision: 'approve' });
    const after = await figures('lena');
    expect([after.votes - before.votes, after.approvals - before.approvals]).toEqual([1, 1]);
    expect(after.approvalShare).toBeCloseTo(after.approvals / after.votes);
    expect(after.medianSeconds).toBeGreaterThanOrEqual(before.medianSeconds);
  });

  it('are for operators', async () => {
    expect((await world.get('/approvers', 'lena')).status).toBe(403);
  });
});

describe('T34: a rogue approver', () => {
  it('who approves 30 actions within 5 minutes raises one alarm', async () => {
    world.clock.ahead += 2 * UNUSUAL.withinMs;
    const alarmed = () => world.alarms.filter((what) => what.includes('30 actions within 5 minutes'));
    const all: { holdId: string }[] = [];
    // In portions: no more questions may wait at once than the budget has room for.
    for (let n = 0; n < 31; n++) all.push(await question());
    for (const [n, { holdId }] of all.entries()) {
      expect(alarmed(), `after ${n}`).toHaveLength(n < 30 ? 0 : 1);
      await world.vote(holdId, 'lena', { decision: 'approve' });
    }
    expect(alarmed()).toEqual(['an approver seems not to look: lena approved 30 actions within 5 minutes']);
  });

  it('two of one group do not decide at critical', async () => {
    const runId = await world.start([[{ tool: 'delete_record', args: { table: 'orders', id: 'O-5001' } }]]);
    const [hold] = await world.held(runId);
    for (const who of ['frida', 'felix']) {
      const { json } = await world.vote(hold?.holdId ?? '', who, { decision: 'approve' });
      expect(json.status).toBe('open');
    }
    expect((await world.vote(hold?.holdId ?? '', 'otto', { decision: 'approve' })).json.status).toBe(
      'approved',
    );
  });
});
