import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { NothingHappened } from '../../lambdas/errors.ts';
import { ask, call } from '../../lambdas/tools/downstream.ts';
import type { ToolContext } from '../../lambdas/tools/tool.ts';

let server: Server;
let url: string;
let answer: (response: ServerResponse) => unknown;
let requests: { method?: string; url?: string; key?: string | string[] }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      key: request.headers['idempotency-key'] ?? '',
    });
    request.resume().on('end', () => answer(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests = [];
});

const context = (env: Record<string, string> = {}, signal = AbortSignal.timeout(5_000)): ToolContext => ({
  runId: 'run',
  actionId: '1.0',
  key: 'key-1',
  signal,
  env: { SANDBOX_URL: url, ...env },
  dynamodb: {} as DynamoDBDocumentClient,
});

const respond = (status: number, body: string, headers = {}): void => {
  answer = (response) => response.writeHead(status, headers).end(body);
};

const failure = (env?: Record<string, string>, signal?: AbortSignal): Promise<unknown> =>
  call(context(env, signal), '/refunds', {}).then(
    () => expect.unreachable('the call succeeded'),
    (error: unknown) => error,
  );

/** An address where nobody listens. */
const closedPort = async (host: string): Promise<number> => {
  const probe = createTcpServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
};

test('an answer comes back as JSON, and the key was sent', async () => {
  respond(201, '{"id":"refund-1"}');
  expect(await call(context(), '/refunds', { a: 1 })).toEqual({ id: 'refund-1' });
  expect(requests).toEqual([{ method: 'POST', url: '/refunds', key: 'key-1' }]);
});

test('a question is a GET', async () => {
  respond(200, '[]');
  expect(await ask(context(), '/wires?reference=R-1')).toEqual([]);
  expect(requests).toEqual([{ method: 'GET', url: '/wires?reference=R-1', key: '' }]);
});

test('F21: a refused connection certainly did nothing, and may be tried again', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const error = await failure({ SANDBOX_URL: `http://${host}:${await closedPort('127.0.0.1')}` });
    expect(error).toBeInstanceOf(NothingHappened);
    expect(error).toMatchObject({ again: true });
  }
});

test('F21: a name that does not resolve certainly did nothing, and may be tried again', async () => {
  expect(await failure({ SANDBOX_URL: 'http://no-such-host.invalid' })).toMatchObject({
    name: 'NothingHappened',
    again: true,
  });
});

test('F21: 429 certainly did nothing, and may be tried again', async () => {
  respond(429, '{"detail":"slow down"}');
  expect(await failure()).toMatchObject({ name: 'NothingHappened', again: true });
});

test.each([400, 401, 403, 404, 410, 422])(
  '%i certainly did nothing and says why, for good',
  async (status) => {
    respond(status, '{"title":"Bad","detail":"amountMinor is missing"}');
    const error = await failure();
    expect(error).toMatchObject({ name: 'NothingHappened', again: false });
    expect((error as Error).message).toContain('amountMinor is missing');
  },
);

test.each([408, 409, 425, 500, 502, 503, 302])('F16: %i is unknown', async (status) => {
  respond(status, '{"detail":"?"}', { location: `${url}/elsewhere` });
  const error = await failure();
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(NothingHappened);
  expect(requests).toHaveLength(1);
});

const breakdowns: [string, (response: ServerResponse) => unknown][] = [
  ['a reset', (response) => response.socket?.resetAndDestroy()],
  ['a connection closed without an answer', (response) => response.socket?.destroy()],
  [
    'an answer that breaks off',
    (response) => response.writeHead(201, { 'content-length': '100' }).write('{', () => response.destroy()),
  ],
  ['an answer that is not JSON', (response) => response.writeHead(200).end('<p>ok</p>')],
  ['an empty answer', (response) => response.writeHead(204).end()],
];

test.each(breakdowns)('F16: %s is unknown', async (_, behaviour) => {
  answer = behaviour;
  const error = await failure();
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(NothingHappened);
  expect(requests).toHaveLength(1);
});

test.each([
  ['read', false],
  ['connect', true],
])('a time-out of the network at %s: certainly never sent is %s', async (syscall, certain) => {
  const cause = Object.assign(new Error('timed out'), { code: 'ETIMEDOUT', syscall });
  const stub = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
  const error = await failure().finally(() => stub.mockRestore());
  expect(error instanceof NothingHappened).toBe(certain);
});

test('with several addresses, only if none of them was reached', async () => {
  const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED', syscall: 'connect' });
  for (const [errors, certain] of [
    [[refused, refused], true],
    [[refused, new Error('reset')], false],
  ] as const) {
    const cause = new AggregateError(errors);
    const stub = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
    const error = await failure().finally(() => stub.mockRestore());
    expect(error instanceof NothingHappened).toBe(certain);
  }
});

test('F15: a call that is given up at the deadline is unknown', async () => {
  answer = () => {};
  const error = await failure({}, AbortSignal.timeout(100));
  expect(error).toMatchObject({ name: 'TimeoutError' });
});

test('a deadline that has passed before the call lets nothing out', async () => {
  expect(await failure({}, AbortSignal.abort())).toMatchObject({ name: 'NothingHappened', again: true });
  expect(requests).toEqual([]);
});

test('without an address nothing happens', async () => {
  expect(await failure({ SANDBOX_URL: '' })).toMatchObject({ name: 'NothingHappened', again: false });
});

test('the fault switch travels with calls only', async () => {
  respond(200, '{}');
  await call(context({ SANDBOX_FAULT: 'after' }), '/refunds', {});
  await ask(context({ SANDBOX_FAULT: 'after' }), '/wires');
  expect(requests.map((request) => request.url)).toEqual(['/refunds?fail=after', '/wires']);
});
