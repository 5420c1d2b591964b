import { createServer, type Server } from 'node:http';
import type { Agent } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostOptions, safePost } from '../../lambdas/notify/safe-post.ts';

/** Called by nobody, unless a refusal does not hold. */
let server: Server;
let port: number;
let calls: string[] = [];
let answer: { status: number; location?: string } = { status: 200 };
beforeAll(async () => {
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

const post = (url: string, options: PostOptions, limitMs = 3_000) => {
  calls = [];
  return safePost(url, '{}', { ...options, signal: AbortSignal.timeout(limitMs) });
};
/** The same filter without TLS, with this one address let through. */
const LOCAL = new RequestFilteringHttpAgent({ allowIPAddressList: ['127.0.0.1'] }) as unknown as Agent;
/** A name that resolves to whatever an attacker wants. */
const resolvingTo = (address: string): Agent => {
  const family = address.includes(':') ? 6 : 4;
  const lookup = ((_, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family)) as LookupFunction;
  return new RequestFilteringHttpsAgent({ lookup } as never);
};

const PRIVATE = [
  ['the metadata address', '169.254.169.254', '169.254.169.254'],
  ['the metadata address in IPv6', '[fd00:ec2::254]', 'fd00:ec2::254'],
  ['the metadata address, mapped into IPv6', '[::ffff:169.254.169.254]', '::ffff:169.254.169.254'],
  ['loopback, mapped into IPv6', '[::ffff:7f00:1]', '::ffff:7f00:1'],
  ['the metadata address behind NAT64', '[64:ff9b::a9fe:a9fe]', '64:ff9b::a9fe:a9fe'],
  ['loopback', '127.0.0.1', '127.0.0.1'],
  ['loopback as one number', '2130706433', '127.0.0.1'],
  ['loopback in IPv6', '[::1]', '::1'],
  ['a private address', '10.0.0.1', '10.0.0.1'],
  ['nowhere', '0.0.0.0', '0.0.0.0'],
] as const;

describe('T21', () => {
  test.each(PRIVATE)('%s is refused, even where the list of hosts has it', async (_, host) => {
    const url = `https://${host}:${port}/latest/meta-data`;
    const refused = post(url, { hosts: [new URL(url).hostname] });
    await expect(refused).rejects.toThrow('the webhook is at no public address');
    expect(calls).toEqual([]);
  });

  test.each(PRIVATE)('%s is refused where an allowed name resolves to it', async (_, __, address) => {
    const refused = post(`https://hooks.slack.com:${port}/`, {
      hosts: ['hooks.slack.com'],
      agent: resolvingTo(address),
    });
    await expect(refused).rejects.toThrow('the webhook is at no public address');
    expect(calls).toEqual([]);
  });

  test('a redirect to localhost is not followed', async () => {
    answer = { status: 302, location: `http://127.0.0.1:${port}/inner` };
    const redirected = post(`http://127.0.0.1:${port}/hook`, { hosts: ['127.0.0.1'], agent: LOCAL });
    await expect(redirected).rejects.toThrow('the webhook answered 302, which is not followed');
    expect(calls).toEqual(['POST /hook']);
  });

  test.each([
    'https://evil.example.com/',
    'https://hooks.slack.com.evil.example.com/',
    'https://hooks.slack.com@evil.example.com/',
    'https://evil.example.com/?hooks.slack.com',
    'http://hooks.slack.com/services/T0',
    'file:///etc/passwd',
    'not an address',
    '',
  ])('%j is no host of the list, or no HTTPS', async (url) => {
    const refused = post(url, { hosts: ['hooks.slack.com'], agent: resolvingTo('127.0.0.1') });
    await expect(refused).rejects.toThrow(/^the (host of the webhook is not|webhook has no address)/);
  });

  test('names no address in what it throws: it is a secret', async () => {
    for (const url of [
      'https://a.example.com/SECRET',
      'http://hooks.slack.com/SECRET',
      'https://127.0.0.1/SECRET',
    ]) {
      const error = await post(url, { hosts: ['127.0.0.1'] }).catch((thrown: Error) => thrown);
      expect(`${error}${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('SECRET');
    }
  });
});

test('a host of the list is called once, and 2xx is success', async () => {
  answer = { status: 204 };
  await post(`http://127.0.0.1:${port}/hook`, { hosts: ['127.0.0.1'], agent: LOCAL });
  expect(calls).toEqual(['POST /hook']);
});

test.each([400, 404, 500, 503])('%s is a failure', async (status) => {
  answer = { status };
  const failing = post(`http://127.0.0.1:${port}/hook`, { hosts: ['127.0.0.1'], agent: LOCAL });
  await expect(failing).rejects.toThrow(`the webhook answered ${status}`);
});
