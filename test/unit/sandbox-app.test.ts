import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Attempt, Effect } from '../../lambdas/sandbox/ledger.ts';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';

const refund = { customerId: 'C-1', orderId: 'O-1', amountMinor: 100, currency: 'EUR', reason: 'late' };
const mail = { customerId: 'C-1', to: 'a@example.com', subject: 'b', body: 'c' };
const deletion = { table: 'orders', id: 'O-1' };
const wire = {
  customerId: 'C-1',
  iban: 'DE89370400440532013000',
  amountMinor: 100,
  currency: 'EUR',
  reference: 'R-1',
};

let folder: string;
let file: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;

const start = async (delayMs = 0): Promise<void> => {
  sandbox = await startSandbox({ port: 0, file, delayMs });
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  file = join(folder, 'deeper', 'ledger.jsonl');
  await start();
});

afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const post = (path: string, body: unknown, key?: string): Promise<Response> =>
  fetch(sandbox.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const ledger = async (): Promise<{ effects: Effect[]; attempts: Attempt[] }> =>
  (await fetch(`${sandbox.url}/ledger`)).json() as never;

const counts = async () => {
  const { effects, attempts } = await ledger();
  return { effects: effects.length, attempts: attempts.length };
};

describe.each([
  ['/refunds', 'refund', refund],
  ['/mails', 'mail', mail],
  ['/records/delete', 'delete', deletion],
] as const)('%s honours idempotency keys', (path, kind, body) => {
  test('the same key gets the same answer and has one effect', async () => {
    const first = await post(path, body, 'k1');
    const second = await post(path, body, 'k1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
    const { effects, attempts } = await ledger();
    expect(effects).toMatchObject([{ key: 'k1', kind, args: body, at: expect.any(String) }]);
    expect(attempts).toMatchObject([
      { key: 'k1', kind },
      { key: 'k1', kind },
    ]);
  });

  test('the same key with another body gets 422 and has no effect', async () => {
    await post(path, body, 'k1');
    const second = await post(
      path,
      { ...body, ...(kind === 'delete' ? { id: 'O-2' } : { customerId: 'C-2' }) },
      'k1',
    );
    expect(second.status).toBe(422);
    expect(await counts()).toEqual({ effects: 1, attempts: 2 });
  });

  test('another key is another effect', async () => {
    await post(path, body, 'k1');
    await post(path, body, 'k2');
    expect(await counts()).toEqual({ effects: 2, attempts: 2 });
  });

  test('without a key nothing is done', async () => {
    expect((await post(path, body)).status).toBe(400);
    expect(await counts()).toEqual({ effects: 0, attempts: 1 });
  });
});

test('a key belongs to one route', async () => {
  await post('/refunds', refund, 'k1');
  expect((await post('/mails', mail, 'k1')).status).toBe(422);
});

test('equal calls at once with one key have one effect', async () => {
  await sandbox.close();
  await start(20);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/refunds', refund, 'k1')));
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  expect(await counts()).toEqual({ effects: 1, attempts: 20 });
});

test('/wires ignores keys: each attempt is an effect, found by its reference', async () => {
  await post('/wires', wire, 'k1');
  await post('/wires', wire, 'k1');
  await post('/wires', { ...wire, reference: 'R-2' });
  expect(await counts()).toEqual({ effects: 3, attempts: 3 });
  const found = await (await fetch(`${sandbox.url}/wires?reference=R-1`)).json();
  expect(found).toMatchObject({
    items: [
      { ...wire, requestId: 'k1' },
      { ...wire, requestId: 'k1' },
    ],
  });
  expect(await (await fetch(`${sandbox.url}/wires?reference=R-2`)).json()).toMatchObject({
    items: [{ requestId: null }],
  });
  expect(await (await fetch(`${sandbox.url}/wires?reference=R-3`)).json()).toEqual({
    items: [],
    underWay: [],
  });
});

test('a wire that takes long is under way until it is done', async () => {
  await sandbox.close();
  await start(200);
  const look = async () => (await fetch(`${sandbox.url}/wires?reference=R-1`)).json();
  const answer = post('/wires', wire, 'k1');
  await expect.poll(look).toEqual({ items: [], underWay: [{ requestId: 'k1' }] });
  await answer;
  expect(await look()).toMatchObject({ items: [{ requestId: 'k1' }], underWay: [] });
});

test.each([
  ['/refunds', refund],
  ['/wires', wire],
])('%s fails where it is told to, with the attempt recorded in any case', async (path, body) => {
  expect((await post(`${path}?fail=before`, body, 'k1')).status).toBe(503);
  expect(await counts()).toEqual({ effects: 0, attempts: 1 });
  expect((await post(`${path}?fail=after`, body, 'k2')).status).toBe(500);
  expect(await counts()).toEqual({ effects: 1, attempts: 2 });
  await expect(post(`${path}?fail=reset`, body, 'k3')).rejects.toThrow();
  expect(await counts()).toEqual({ effects: 2, attempts: 3 });
  expect((await post(`${path}?fail=sideways`, body, 'k4')).status).toBe(400);
  expect(await counts()).toEqual({ effects: 2, attempts: 4 });
});

test.each([
  ['not JSON', '{'],
  ['a missing field', { ...refund, orderId: undefined }],
  ['an unknown field', { ...refund, extra: 1 }],
  ['a negative amount', { ...refund, amountMinor: -1 }],
  ['an amount with decimals', { ...refund, amountMinor: 1.5 }],
])('%s is refused with a problem document, as an attempt without effect', async (_, body) => {
  const answer = await post('/refunds', body, 'k1');
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({
    status: 400,
    title: 'Bad Request',
    detail: expect.any(String),
  });
  expect(await counts()).toEqual({ effects: 0, attempts: 1 });
});

test('the delay lies half before the effect and half after it', async () => {
  await sandbox.close();
  await start(800);
  const began = performance.now();
  const answer = post('/refunds', refund, 'k1');
  const at = async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, began + ms - performance.now()));
    return counts();
  };
  expect(await at(200)).toEqual({ effects: 0, attempts: 1 });
  expect(await at(600)).toEqual({ effects: 1, attempts: 1 });
  await answer;
  expect(performance.now() - began).toBeGreaterThan(790);
});

test('the ledger outlives the server, keys included', async () => {
  const first = await (await post('/refunds', refund, 'k1')).json();
  await sandbox.close();
  await start();
  expect(await (await post('/refunds', refund, 'k1')).json()).toEqual(first);
  expect(await counts()).toEqual({ effects: 1, attempts: 2 });
});

test('a taken port is an error, not a crash', async () => {
  const port = Number(new URL(sandbox.url).port);
  await expect(startSandbox({ port, file: join(folder, 'other.jsonl') })).rejects.toThrow(/EADDRINUSE/);
});

test('unknown paths get a problem document', async () => {
  const answer = await fetch(`${sandbox.url}/nope`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});
