import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameGivenTwice } from '../../lambdas/api/unique-names.ts';
import { Retryable } from '../../lambdas/errors.ts';
import { loggable } from '../../lambdas/observe/loggable.ts';
import { createWorld, type World } from '../support/api-world.ts';
import { linkFor } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const problemOf = async (answer: Response) => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await answer.json()) as { status: number; title: string; detail: string; type: string };
  expect(problem.status).toBe(answer.status);
  expect(problem).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    detail: expect.any(String),
  });
  return problem;
};

const runsOf = async (who: string) =>
  ((await (await world.get('/runs', who)).json()) as { items: object[] }).items.length;

describe('who calls', () => {
  test.each([
    [undefined, 401],
    ['Bearer unknown-token', 401],
    ['Basic c2FtOnNhbQ==', 401],
    ['Bearer', 401],
    ['Bearer token-of-a-stranger-0123456789', 403],
  ])('with Authorization %s is answered with %i', async (authorization, status) => {
    const answer = await world.api.request('/runs', { headers: authorization ? { authorization } : {} });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    await problemOf(answer);
  });

  test('is asked before anything else is looked at', async () => {
    const answer = await world.api.request('/runs', { method: 'POST', body: '{' });
    expect(answer.status).toBe(401);
  });
});

describe('what arrives', () => {
  test.each(['{', '{"agent":', 'undefined', "{'agent': 1}", '{"agent":"support",}'])(
    'is refused where it is not JSON: %s',
    async (text) => {
      const answer = await world.post('/runs', 'sam', text);
      expect(answer.status).toBe(400);
      await problemOf(answer);
    },
  );

  test.each(['null', '[]', '7', '"text"', '{}'])('is refused where it is other JSON: %s', async (text) => {
    const answer = await world.post('/runs', 'sam', text);
    expect(answer.status).toBe(422);
    const problem = (await problemOf(answer)) as { errors?: unknown[] };
    expect(problem.errors?.length).toBeGreaterThan(0);
  });

  test.each([
    ['{"agent":"support","input":"a","input":"b"}', 'input'],
    ['{"agent":"support","input":"a","inp\\u0075t":"b"}', 'input'],
    ['{"agent":"support","input":"a","x":[{"y":{"z":1}},{"y":2,"z":[],"y":3}]}', 'y'],
    ['{"agent":"support","input":"{\\"a\\":1}","__proto__":1,"__proto__":2}', '__proto__'],
  ])('is refused with a name twice in one object: %s', async (text, name) => {
    const before = await runsOf('sam');
    const answer = await world.post('/runs', 'sam', text);
    expect(answer.status).toBe(422);
    expect(await problemOf(answer)).toMatchObject({ errors: [{ field: name, detail: 'given twice' }] });
    expect(await runsOf('sam')).toBe(before);
  });

  test('takes names that are the same in different objects, or in a text', () => {
    for (const text of [
      '{"a":{"b":1},"b":[{"b":2},{"b":3}]}',
      '{"a":"{\\"c\\":1,\\"c\\":2}","c":"a"}',
      '["a","a"]',
      '7',
    ])
      expect(nameGivenTwice(text)).toBeUndefined();
  });

  test.each([
    ['deep lists', `${'['.repeat(32_000)}${']'.repeat(32_000)}`],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a text that never ends', `"${'\\"'.repeat(32_000)}`],
    ['many texts', `[${'"",'.repeat(21_000)}""]`],
  ])('of 64 KiB is looked through at once: %s', (_, text) => {
    const start = process.cpuUsage();
    expect(nameGivenTwice(text)).toBeUndefined();
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(200);
  });

  test('is refused in another content type, or in none', async () => {
    const body = JSON.stringify({ agent: 'support', input: 'x' });
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await world.post('/runs', 'sam', body, { 'content-type': type });
      expect(answer.status).toBe(415);
      await problemOf(answer);
    }
  });

  test('is refused over 64 KiB, said or streamed', async () => {
    const text = JSON.stringify({ agent: 'support', input: 'x'.repeat(70_000) });
    for (const headers of [{}, { 'content-length': String(text.length) }]) {
      const answer = await world.post('/runs', 'sam', text, headers as Record<string, string>);
      expect(answer.status).toBe(413);
      await problemOf(answer);
    }
  });

  test('is refused whole at any depth, and never crashes us', async () => {
    const { holdId } = await world.ask();
    const digest = 'd'.repeat(64);
    for (const open of ['[', '{"a":']) {
      const deep = `${open.repeat(8_000)}0${(open === '[' ? ']' : '}').repeat(8_000)}`;
      const body = `{"decision":"edit","digest":"${digest}","args":{"x":${deep}}}`;
      const answer = await world.post(`/holds/${holdId}/votes`, 'lena', body);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'args' }] });
    }
  });
});

describe('what is asked for', () => {
  test('is not found where there is nothing', async () => {
    for (const path of ['/nothing', '/runs/x/y', '/grant', '/h']) {
      const answer = await world.get(path, 'sam');
      expect(answer.status).toBe(404);
      await problemOf(answer);
    }
  });

  test('names the methods that are possible', async () => {
    const answer = await world.api.request('/runs', { method: 'DELETE' });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
    await problemOf(answer);
    expect((await world.api.request('/h/abc', { method: 'PUT' })).status).toBe(405);
  });
});

describe('what fails', () => {
  test('with a store that is away is answered with 503 and when to try again', async () => {
    const throttled = Object.assign(new Error('slow down'), {
      name: 'ProvisionedThroughputExceededException',
    });
    for (const error of [new Retryable('later'), throttled]) {
      const broken = await createWorld({
        identity: async () => {
          throw error;
        },
      });
      const answer = await broken.get('/runs', 'sam');
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      await problemOf(answer);
      await broken.close();
    }
  });

  test('otherwise says nothing of what is inside, and reports the route, never the path (T7)', async () => {
    const links = async () => {
      throw new TypeError('secret detail of /etc/passwd');
    };
    const broken = await createWorld({ links });
    const answer = await broken.api.request('/h/some-secret-link');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('passwd');
    const written = broken.reports.map(({ where = {} }) => loggable(where));
    expect(JSON.stringify(written)).not.toMatch(/some-secret-link|passwd/);
    expect(written).toMatchObject([{ method: 'GET', route: '/h/:link', error: 'TypeError' }]);
    await broken.close();
  });
});

describe('every answer', () => {
  const headersOf = (answer: Response) => Object.fromEntries(answer.headers.entries());

  test('T20: forbids framing, scripts and sniffing, errors included', async () => {
    const { holdId } = await world.ask();
    const answers = await Promise.all([
      world.get('/runs', 'sam'),
      world.get('/nothing', 'sam'),
      world.api.request('/runs'),
      world.api.request('/runs', { method: 'DELETE' }),
      world.api.request('/runs', { method: 'OPTIONS' }),
      world.post('/runs', 'sam', '{'),
      world.post('/runs', 'sam', 'x'.repeat(70_000)),
      world.api.request('/h/abc'),
      world.api.request('/h/abc', { method: 'HEAD' }),
      world.api.request('/h/abc', { method: 'POST' }),
      linkFor(world, holdId, 'lena').then((path) => world.api.request(path)),
      world.api.request('/healthz'),
      world.api.request('/openapi.json'),
    ]);
    for (const answer of answers) {
      const headers = headersOf(answer);
      const csp = headers['content-security-policy'] ?? '';
      expect(csp).toMatch(/^default-src 'none'; /);
      for (const part of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
        expect(csp).toContain(part);
      }
      expect(csp).not.toMatch(/script-src|unsafe/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
      });
    }
  });
});
