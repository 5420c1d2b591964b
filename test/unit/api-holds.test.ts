import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lambdas/json.ts';
import { createWorld, MARKER, REFUND, type World } from '../support/api-world.ts';
import { linkFor, openPage, send } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const listed = async (who: string) => {
  const { items } = (await (await world.get('/holds?limit=200', who)).json()) as { items: JsonObject[] };
  return items.map(({ holdId }) => holdId);
};

test('an open hold is listed with what other programs rely on', async () => {
  const { holdId, runId } = await world.ask();
  const { items } = (await (await world.get('/holds?limit=200', 'lena')).json()) as { items: JsonObject[] };
  expect(items.find((item) => item.holdId === holdId)).toEqual({
    holdId,
    runId,
    actionId: '0001.00',
    agent: 'support',
    tool: 'issue_refund',
    asks: 'approval',
    title: 'Refund 120.00 EUR to customer C-1001 for order O-5001',
    args: REFUND,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    tier: 'medium',
    route: 'support-lead',
    level: 0,
    openedAt: new Date(world.clock.ms).toISOString(),
    expiresAt: new Date(world.clock.ms + 24 * 3_600_000).toISOString(),
    status: 'open',
  });
});

test('the list is of what the caller may decide: group members, not who asked or owns the agent', async () => {
  const { holdId } = await world.ask({ requester: 'leo' });
  expect(await listed('lena')).toContain(holdId);
  for (const who of ['leo', 'olivia', 'frida', 'otto', 'nobody'])
    expect(await listed(who)).not.toContain(holdId);
});

test('a hold leaves the list when it is decided, and when it has expired', async () => {
  const decided = await world.ask();
  await world.vote(decided.holdId, 'lena', { decision: 'reject' });
  expect(await listed('lena')).not.toContain(decided.holdId);
  const own = await createWorld();
  const { holdId } = await own.ask();
  own.clock.ms += 25 * 3_600_000;
  expect(await (await own.get('/holds', 'lena')).json()).toEqual({ items: [] });
  expect(await (await own.get(`/holds/${holdId}`, 'lena')).json()).toMatchObject({
    status: 'escalated',
    decisions: [],
  });
  await own.close();
});

test('a question that was just opened stands behind one that expires sooner', async () => {
  const own = await createWorld({ localInbox: true });
  const titleOf = { tool: 'delete_record', args: { table: 'orders', id: 'O-5001' } };
  const later = await own.ask({ route: 'finance' });
  const sooner = await own.ask({ ...titleOf, route: 'critical' });
  own.clock.ms += 1000;
  const { items } = (await (await own.get('/holds', 'frida')).json()) as { items: JsonObject[] };
  expect(items.map(({ holdId }) => holdId)).toEqual([sooner.holdId, later.holdId]);
  const inbox = await (await own.api.request('/')).text();
  expect(inbox.indexOf('Delete O-5001')).toBeGreaterThan(0);
  expect(inbox.indexOf('Delete O-5001')).toBeLessThan(inbox.indexOf('Refund 120.00'));
  await own.close();
});

test('the list goes on page by page past what is not the caller’s, most urgent first', async () => {
  const own = await createWorld();
  const mine: string[] = [];
  for (let i = 0; i < 7; i++) {
    own.clock.ms += 60_000;
    mine.push((await own.ask({ route: 'finance' })).holdId);
    await own.ask({ route: 'support-lead' });
  }
  const seen: string[] = [];
  let next: string | undefined;
  do {
    const cursor: string = next === undefined ? '' : `&next=${next}`;
    const answer = await own.get(`/holds?limit=3${cursor}`, 'frida');
    const page = (await answer.json()) as { items: { holdId: string }[]; next?: string };
    expect(page.items.length).toBeLessThanOrEqual(3);
    seen.push(...page.items.map(({ holdId }) => holdId));
    next = page.next;
  } while (next !== undefined);
  expect(seen).toEqual(mine);
  await own.close();
});

test('one hold shows arguments, the facts observed, why it is asked, and what the caller may decide', async () => {
  const { holdId } = await world.ask();
  expect(await (await world.get(`/holds/${holdId}`, 'lena')).json()).toMatchObject({
    holdId,
    args: REFUND,
    asks: 'approval',
    why: 'refunds above 50.00 are held',
    requester: 'sam',
    observed: { facts: { 'order status': 'delivered', 'still refundable': '149.00 EUR' } },
    decisions: ['approve', 'edit', 'reject', 'escalate', 'delegate'],
    votes: [],
    next: 'finance',
  });
});

test('it comes from the journal: a row that was meddled with shows in no way', async () => {
  const { holdId } = await world.ask();
  await world.rows.change('hold', holdId, { args: { ...REFUND, amountMinor: 1 }, tier: 'low' });
  expect(await (await world.get(`/holds/${holdId}`, 'lena')).json()).toMatchObject({
    args: REFUND,
    tier: 'medium',
  });
});

test('T29: a foreign hold answers with the same bytes as a random id', async () => {
  const { holdId, runId } = await world.ask();
  const ids = [holdId, `${'b'.repeat(26)}.0001.00.0`, `${runId}.0001.00.7`, `${runId}.0009.00.0`, 'x', '%00'];
  const answers = async (ask: (id: string) => Promise<Response> | Response) =>
    new Set(
      await Promise.all(
        ids.map(async (id) => {
          const answer = await ask(id);
          const headers = [...answer.headers.entries()].map((header) => header.join(': '));
          return `${answer.status}\n${headers.join('\n')}\n${await answer.text()}`;
        }),
      ),
    );
  expect((await answers((id) => world.get(`/holds/${id}`, 'frida'))).size).toBe(1);
  const ballot = { decision: 'approve', digest: 'd'.repeat(64) };
  expect((await answers((id) => world.post(`/holds/${id}/votes`, 'frida', ballot))).size).toBe(1);
  expect((await world.get(`/holds/${holdId}`, 'frida')).status).toBe(404);
});

test('who asked may see the hold, and is told why they may not decide', async () => {
  const { holdId } = await world.ask();
  const answer = await world.get(`/holds/${holdId}`, 'sam');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ decisions: [] });
});

describe('T7: a task token', () => {
  test('is in no answer, page, error or report, whoever asks and whatever becomes of the hold', async () => {
    const own = await createWorld({ localInbox: true });
    const texts: string[] = [];
    const note = async (answer: Response | Promise<Response>) => {
      const got = await answer;
      texts.push(JSON.stringify([...got.headers.entries()]), await got.text());
    };
    const { runId, holdId } = await own.ask({ tier: 'high' }, {});
    const row = await own.rows.get('hold', holdId);
    expect(row?.tokens[0]).toContain(MARKER);
    for (const who of ['sam', 'lena', 'otto', 'frida']) {
      const paths = ['/holds', '/runs', `/holds/${holdId}`, `/runs/${runId}`, `/runs/${runId}/audit`, '/'];
      for (const path of paths) await note(own.get(path, who));
    }
    const page = await openPage(own, await linkFor(own, holdId, 'lena'));
    texts.push(page.markup);
    await note(send(own, page, { decision: 'approve', challenge: 'ZZZZ' }));
    await note(send(own, page, { decision: 'approve' }));
    await note(send(own, page, { decision: 'reject' }));
    await note(own.vote(holdId, 'leo', { decision: 'approve' }));
    await note(own.get(`/runs/${runId}/audit`, 'lena'));
    expect(own.delivered[0]?.token).toContain(MARKER);
    expect(texts.join('\n')).not.toContain(MARKER);
    expect(JSON.stringify(own.reports)).not.toContain(MARKER);
    await own.close();
  });
});
