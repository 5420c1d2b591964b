import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const request = { agent: 'support', input: 'Refund C-1001.' };
const UNKNOWN = 'a'.repeat(26);

describe('starting a run', () => {
  test('answers with its id, and starts its first execution', async () => {
    const answer = await world.post('/runs', 'sam', request);
    expect(answer.status).toBe(201);
    const { runId } = (await answer.json()) as { runId: string };
    expect(world.started).toContain(`${runId}-1`);
    const run = (await (await world.get(`/runs/${runId}`, 'sam')).json()) as object;
    expect(run).toMatchObject({
      runId,
      agent: 'support',
      status: 'running',
      requester: 'sam',
      model: 'scripted:refund',
      input: 'Refund C-1001.',
      turns: 0,
      actions: [],
    });
  });

  test('with an Idempotency-Key starts one run, however often it is asked for', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.post('/runs', 'sam', request, key)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const ids = await Promise.all(answers.map(async (a) => ((await a.json()) as { runId: string }).runId));
    expect(new Set(ids).size).toBe(1);
  });

  test('with the key of another body is refused, with the key named', async () => {
    const key = { 'idempotency-key': 'order-18' };
    await world.post('/runs', 'sam', request, key);
    const answer = await world.post('/runs', 'sam', { ...request, input: 'Another' }, key);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'Idempotency-Key' }] });
  });

  test('has the limits that it asks for, in place of the agent’s', async () => {
    const limits = { turns: 7, spendMicros: 1_000 };
    const { runId } = (await (await world.post('/runs', 'sam', { ...request, limits })).json()) as {
      runId: string;
    };
    const run = (await (await world.get(`/runs/${runId}`, 'sam')).json()) as object;
    expect(run).toMatchObject({ limits: { ...limits, tokens: 200_000 }, tokens: 0, spendMicros: 0 });
  });

  test('of a model whose price nobody knows is refused where it limits spend, and else started', async () => {
    const unpriced = await createWorld({ models: { default: 'openai-compatible:mine', has: () => true } });
    expect((await unpriced.post('/runs', 'sam', request)).status).toBe(201);
    const answer = await unpriced.post('/runs', 'sam', { ...request, limits: { spendMicros: 5 } });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: 'limits.spendMicros', detail: expect.stringContaining('HOLDPOINT_PRICES') }],
    });
    await unpriced.close();
  });

  test('with the key of somebody else starts a run of its own', async () => {
    const key = { 'idempotency-key': 'order-19' };
    const first = await (await world.post('/runs', 'sam', request, key)).json();
    const second = await (await world.post('/runs', 'lena', request, key)).json();
    expect(second).not.toEqual(first);
  });

  test.each([
    ['agent', { ...request, agent: 'nobody' }],
    ['agent', { input: 'x' }],
    ['model', { ...request, model: 'magic:8-ball' }],
    ['input', { ...request, input: '' }],
    ['input', { ...request, input: '   ' }],
    ['input', { ...request, input: 7 }],
    ['input', { ...request, input: 'x'.repeat(32_001) }],
    ['input', { ...request, input: 'a lone surrogate: \ud800' }],
    ['requester', { ...request, requester: 'lena' }],
    ['limits.turns', { ...request, limits: { turns: 501 } }],
    ['limits.spendMicros', { ...request, limits: { spendMicros: 0 } }],
    ['limits.contextBytes', { ...request, limits: { contextBytes: 1.5 } }],
    ['limits.cost', { ...request, limits: { cost: 1 } }],
  ])('is refused whole, naming %s', async (field, body) => {
    const started = world.started.length;
    const answer = await world.post('/runs', 'sam', body);
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as { errors: { field: string }[] };
    expect(problem.errors.map((error) => error.field)).toEqual([field]);
    expect(world.started).toHaveLength(started);
  });

  test('with an Idempotency-Key that is none is refused', async () => {
    for (const key of ['x'.repeat(256), 'two words']) {
      const answer = await world.post('/runs', 'sam', request, { 'idempotency-key': key });
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'idempotency-key' }] });
    }
  });
});

describe('seeing runs', () => {
  test('is for who asked, operators, and whoever one of its holds asks', async () => {
    const { runId } = await world.ask();
    const status = async (who: string) => (await world.get(`/runs/${runId}`, who)).status;
    expect(await status('sam')).toBe(200);
    expect(await status('otto')).toBe(200);
    expect(await status('lena')).toBe(200);
    expect(await status('frida')).toBe(404);
    expect(await status('nobody')).toBe(404);
  });

  test('T29: a foreign run answers with the same bytes as one that does not exist, or cannot', async () => {
    const { runId } = await world.ask();
    for (const path of ['', '/audit', '/audit?verify=1']) {
      const texts = await Promise.all(
        [runId, UNKNOWN, 'x', '%00'].map(async (id) => {
          const answer = await world.get(`/runs/${id}${path}`, 'frida');
          return `${answer.status} ${await answer.text()}`;
        }),
      );
      expect(new Set(texts).size).toBe(1);
      expect(texts[0]).toContain('404');
    }
    const cancels = await Promise.all(
      [runId, UNKNOWN].map(async (id) => (await world.post(`/runs/${id}/cancel`, 'frida', {})).text()),
    );
    expect(cancels[0]).toBe(cancels[1]);
  });

  test('says that a run is held while an action waits for an open hold', async () => {
    const { runId, holdId } = await world.ask();
    const status = async () =>
      ((await (await world.get(`/runs/${runId}`, 'sam')).json()) as { status: string }).status;
    const listed = async () => {
      const { items } = (await (await world.get('/runs', 'sam')).json()) as {
        items: { runId: string; status: string }[];
      };
      return items.find((item) => item.runId === runId)?.status;
    };
    expect(await status()).toBe('held');
    expect(await listed()).toBe('held');
    await world.vote(holdId, 'lena', { decision: 'approve' });
    expect(await status()).toBe('running');
    expect(await listed()).toBe('running');
  });

  test('lists the newest first, page by page, and only what the caller may see', async () => {
    const own = await createWorld();
    const mine: string[] = [];
    for (let i = 0; i < 5; i++) {
      own.clock.ms += 1000;
      mine.unshift((await own.ask({ requester: 'frida' })).runId);
      own.clock.ms += 1000;
      await own.ask({ requester: 'sam', route: 'question' });
    }
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const cursor: string = next === undefined ? '' : `&next=${encodeURIComponent(next)}`;
      const answer = await own.get(`/runs?limit=2${cursor}`, 'frida');
      const page = (await answer.json()) as { items: { runId: string }[]; next?: string };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ runId }) => runId));
      next = page.next;
    } while (next !== undefined);
    expect(seen).toEqual(mine);
    await own.close();
  });

  test('refuses a cursor or a limit that is none, naming it', async () => {
    const holds = (await (await world.get('/runs?limit=1', 'otto')).json()) as { next: string };
    const foreign = encodeURIComponent(holds.next);
    for (const path of ['/runs?next=abc', '/runs?next=e30', `/holds?next=${foreign}`]) {
      const answer = await world.get(path, 'otto');
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'next' }] });
    }
    for (const limit of ['0', '-1', '201', '1.5', 'x']) {
      const answer = await world.get(`/runs?limit=${limit}`, 'otto');
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'limit' }] });
    }
  });

  test('T29: a cursor says nothing of the row where its page ended', async () => {
    const { items, next } = (await (await world.get('/runs?limit=1', 'otto')).json()) as {
      items: { runId: string }[];
      next: string;
    };
    const bytes = Buffer.from(next, 'base64url').toString('latin1');
    expect(bytes).not.toContain(items[0]?.runId);
    expect(bytes).not.toMatch(/"pk"|"sk"/);
  });
});

describe('cancelling a run', () => {
  test('settles its holds, and nothing can be decided any more', async () => {
    const { runId, holdId } = await world.ask();
    expect((await world.post(`/runs/${runId}/cancel`, 'sam', {})).status).toBe(202);
    expect(world.delivered.filter((each) => each.holdId === holdId)).toMatchObject([
      { outcome: 'cancelled' },
    ]);
    const late = await world.vote(holdId, 'lena', { decision: 'approve' });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ settlement: 'cancelled' });
  });

  test('is for who asked and for operators', async () => {
    const { runId } = await world.ask();
    expect((await world.post(`/runs/${runId}/cancel`, 'lena', {})).status).toBe(403);
    expect((await world.post(`/runs/${runId}/cancel`, 'otto', {})).status).toBe(202);
  });

  test('comes too late for a run that has ended, unless it ended by that', async () => {
    const { runId } = await world.ask();
    await world.rows.change('run', runId, { status: 'finished', due: undefined });
    expect((await world.post(`/runs/${runId}/cancel`, 'sam', {})).status).toBe(409);
    await world.rows.change('run', runId, { status: 'cancelled' });
    expect((await world.post(`/runs/${runId}/cancel`, 'sam', {})).status).toBe(202);
  });
});
