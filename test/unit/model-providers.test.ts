import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { Retryable, Terminal } from '../../lambdas/errors.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import type { Message, ModelRequest } from '../../lambdas/model/model.ts';
import { toToolSpec } from '../../lambdas/model/tool-spec.ts';
import anthropic from '../fixtures/model/anthropic.json' with { type: 'json' };
import bedrock from '../fixtures/model/bedrock.json' with { type: 'json' };
import openaiCompatible from '../fixtures/model/openai-compatible.json' with { type: 'json' };

type Fixture = { status: number; body: unknown };

let server: Server;
let url: string;
let answer: (response: ServerResponse) => unknown;
let seen: { url: string; headers: IncomingMessage['headers']; body: string }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers, body: await text(request) });
    answer(response);
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
  seen = [];
});

const play = ({ status, body }: Fixture): void => {
  answer = (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};

const request = (overrides: Partial<ModelRequest> = {}): ModelRequest => ({
  turn: 1,
  instructions: support.instructions,
  messages: [{ role: 'user', text: 'Refund Ada.' }],
  tools: support.tools.map(toToolSpec),
  signal: AbortSignal.timeout(5_000),
  ...overrides,
});

const conversation: readonly Message[] = [
  { role: 'user', text: 'Refund Ada.' },
  {
    role: 'assistant',
    text: '',
    calls: [
      { id: '1.0', tool: 'lookup_customer', args: { customerId: 'C-1001' } },
      { id: '1.1', tool: 'no such tool!', args: '{"customerId": "C-10' },
    ],
  },
  { role: 'tool', id: '1.0', tool: 'lookup_customer', result: { name: 'Ada' }, failed: false },
  { role: 'tool', id: '1.1', tool: 'no such tool!', result: 'denied: unknown tool', failed: true },
];

const providers = [
  { spec: 'anthropic:claude-sonnet-4-5', path: '/messages', fixtures: anthropic },
  { spec: 'openai-compatible:qwen3', path: '/chat/completions', fixtures: openaiCompatible },
  { spec: 'bedrock:anthropic.claude-x', path: '/model/anthropic.claude-x/converse', fixtures: bedrock },
];

const environment = (baseURL = url) => ({
  ANTHROPIC_API_KEY: 'canary-anthropic-key',
  ANTHROPIC_BASE_URL: baseURL,
  HOLDPOINT_MODEL_BASE_URL: baseURL,
  HOLDPOINT_MODEL_API_KEY: 'canary-compatible-key',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: baseURL,
});

describe.each(providers)('$spec', ({ spec, path, fixtures }) => {
  const next = (overrides?: Partial<ModelRequest>) =>
    createModel(spec, environment()).next(request(overrides));
  const failure = (overrides?: Partial<ModelRequest>) =>
    next(overrides).then(
      () => expect.unreachable('the model answered'),
      (error: Error) => error,
    );

  test('a tool call comes back with its text and its tokens', async () => {
    play(fixtures['tool call']);
    expect(await next()).toEqual({
      text: 'I look the customer up.',
      calls: [{ tool: 'lookup_customer', args: { customerId: 'C-1001' } }],
      usage: { input: 472, output: 61 },
    });
    expect(seen.map((call) => call.url)).toEqual([path]);
  });

  test('parallel calls keep their order', async () => {
    play(fixtures['parallel calls']);
    expect((await next()).calls.map(({ args }) => args)).toEqual([
      { customerId: 'C-1001' },
      { customerId: 'C-1002' },
    ]);
  });

  test('a final text is an answer without calls', async () => {
    play(fixtures['final text']);
    expect(await next()).toMatchObject({ text: 'The refund has been issued.', calls: [] });
  });

  test('arguments that break the schema come back as they are', async () => {
    play(fixtures['wrong arguments']);
    expect((await next()).calls).toEqual([
      { tool: 'lookup_customer', args: { customerId: 1001, extra: true } },
    ]);
  });

  test('a call of a tool that does not exist comes back as it is', async () => {
    play(fixtures['unknown tool']);
    expect((await next()).calls).toEqual([{ tool: 'launch_rocket', args: { to: 'moon' } }]);
  });

  test('the request carries the instructions, the tools and the whole conversation', async () => {
    play(fixtures['final text']);
    await next({ messages: conversation });
    const body = seen[0]?.body ?? '';
    expect(body).toContain('customer support of an online shop');
    for (const { name } of support.tools) expect(body).toContain(`"${name}"`);
    expect(body).toContain('Refund Ada.');
    expect(body.match(/call_1_0/g)).toHaveLength(2);
    expect(body.match(/call_1_1/g)).toHaveLength(2);
    expect(body).toContain('no_such_tool_');
    expect(body).not.toContain('no such tool!');
    expect(body).toContain('denied: unknown tool');
    expect(body).toMatch(/\{\\?"malformed\\?":/);
    expect(body).not.toContain('freeText');
  });

  test.each(['throttled', 'failed'] as const)('%s is Retryable, after one request', async (name) => {
    play(fixtures[name]);
    expect(await failure()).toBeInstanceOf(Retryable);
    expect(seen).toHaveLength(1);
  });

  test.each(['no access', 'refused', 'empty'] as const)('%s is Terminal', async (name) => {
    play(fixtures[name]);
    expect(await failure()).toBeInstanceOf(Terminal);
    expect(seen).toHaveLength(1);
  });

  test('half of an answer is none: cut off at its limit, it is Terminal', async () => {
    const whole = JSON.stringify(fixtures['final text']);
    const cut = whole
      .replace('"end_turn"', '"max_tokens"')
      .replace('"finish_reason":"stop"', '"finish_reason":"length"');
    expect(cut).not.toBe(whole);
    play(JSON.parse(cut));
    expect(await failure()).toEqual(
      expect.objectContaining({ name: 'Terminal', message: expect.stringContaining('cut off') }),
    );
  });

  test('an answer that is not JSON is Terminal', async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    expect(await failure()).toBeInstanceOf(Terminal);
  });

  test('a 502 that is not JSON is Retryable', async () => {
    answer = (response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    expect(await failure()).toBeInstanceOf(Retryable);
  });

  test('a hung connection is given up at the deadline, as Retryable', async () => {
    const closed = Promise.withResolvers<void>();
    answer = (response) => response.on('close', closed.resolve);
    const began = performance.now();
    expect(await failure({ signal: AbortSignal.timeout(200) })).toBeInstanceOf(Retryable);
    await closed.promise;
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('an answer that stops in its middle is given up at the deadline, as Retryable', async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":');
    expect(await failure({ signal: AbortSignal.timeout(200) })).toBeInstanceOf(Retryable);
  });

  test('a connection that breaks off in the middle of the answer is Retryable', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"id":', () => response.destroy());
    };
    expect(await failure()).toBeInstanceOf(Retryable);
  });

  test('an unreachable provider is Retryable', async () => {
    const model = createModel(spec, environment('http://127.0.0.1:1'));
    await expect(model.next(request())).rejects.toBeInstanceOf(Retryable);
  });

  test('T23: errors show neither keys nor the conversation', async () => {
    for (const name of ['throttled', 'no access', 'refused'] as const) {
      play(fixtures[name]);
      const error = await failure({ messages: [{ role: 'user', text: 'canary-conversation' }] });
      expect(error.cause).toBeUndefined();
      expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('canary');
    }
  });
});

test('arguments that are not JSON come back as text', async () => {
  play(openaiCompatible['malformed arguments']);
  const { calls } = await createModel('openai-compatible:qwen3', environment()).next(request());
  expect(calls).toEqual([{ tool: 'lookup_customer', args: '{"customerId": "C-10' }]);
});

test('arguments that would change a prototype come back as text', async () => {
  play(openaiCompatible['polluting arguments']);
  const { calls } = await createModel('openai-compatible:qwen3', environment()).next(request());
  expect(calls).toEqual([{ tool: 'lookup_customer', args: '{"__proto__":{"customerId":"C-1001"}}' }]);
});

test('an overloaded Anthropic and a failed model on Bedrock are Retryable', async () => {
  play(anthropic.overloaded);
  await expect(createModel('anthropic:x', environment()).next(request())).rejects.toBeInstanceOf(Retryable);
  play(bedrock['model failed']);
  await expect(createModel('bedrock:x', environment()).next(request())).rejects.toBeInstanceOf(Retryable);
});

test('a missing key is Terminal and says which', async () => {
  const error = createModel('anthropic:x', { ANTHROPIC_BASE_URL: url }).next(request());
  await expect(error).rejects.toThrow(/ANTHROPIC_API_KEY/);
  await expect(error).rejects.toBeInstanceOf(Terminal);
  expect(seen).toHaveLength(0);
});

test.each(['gpt', 'mystery:x', 'bedrock:', ''])('"%s" is no model, and the error says what is', (spec) => {
  expect(() => createModel(spec, {})).toThrow(/scripted:NAME, bedrock:MODEL, anthropic:MODEL/);
  expect(() => createModel(spec, {})).toThrow(Terminal);
});
