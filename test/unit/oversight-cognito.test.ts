import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Retryable } from '../../lambdas/errors.ts';
import { CACHE_MS, cognitoDirectory } from '../../lambdas/oversight/cognito-directory.ts';
import type { Directory } from '../../lambdas/oversight/directory.ts';

interface User {
  readonly sub: string;
  readonly username: string;
  readonly name?: string;
  readonly enabled?: boolean;
}

const POOL = 'eu-central-1_Pool';
const PAGE = 2;

/** The pool: the users of each group; a text stands for an error of this name. */
let pool: Record<string, readonly User[] | string> = {};
let asked: { GroupName: string; NextToken?: string }[] = [];
let clock = 0;
let directory: Directory;
let cognito: CognitoIdentityProviderClient;

/** Speaks the protocol of Cognito for one operation, by pages. */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const input = JSON.parse(Buffer.concat(chunks).toString());
  asked.push(input);
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  if (request.headers['x-amz-target'] !== 'AWSCognitoIdentityProviderService.ListUsersInGroup')
    return answer(400, { __type: 'UnknownOperationException' });
  const users = input.UserPoolId === POOL ? (pool[input.GroupName] ?? 'ResourceNotFoundException') : [];
  if (typeof users === 'string') return answer(users.startsWith('Internal') ? 500 : 400, { __type: users });
  const from = Number(input.NextToken ?? 0);
  return answer(200, {
    Users: users.slice(from, from + PAGE).map(({ sub, username, name, enabled = true }) => ({
      Username: username,
      Enabled: enabled,
      UserStatus: 'CONFIRMED',
      Attributes: [{ Name: 'sub', Value: sub }, ...(name ? [{ Name: 'name', Value: name }] : [])],
    })),
    ...(from + PAGE < users.length ? { NextToken: String(from + PAGE) } : {}),
  });
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cognito = new CognitoIdentityProviderClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  });
});
afterAll(() => {
  cognito.destroy();
  server.close();
});

const ada = { sub: 's-ada', username: 'ada', name: 'Ada Lovelace' };
const bob = { sub: 's-bob', username: 'bob' };
const cas = { sub: 's-cas', username: 'cas' };
beforeEach(() => {
  pool = { leads: [ada, bob, cas], finance: [ada] };
  asked = [];
  directory = cognitoDirectory({
    cognito,
    userPoolId: POOL,
    groups: ['leads', 'finance', 'operations'],
    now: () => new Date(clock),
  });
});

describe('people in groups of a user pool', () => {
  test('are known by their sub, with all their groups, however many pages there are', async () => {
    expect(await directory.find('s-ada')).toEqual({
      id: 's-ada',
      name: 'Ada Lovelace',
      groups: ['leads', 'finance'],
    });
    expect((await directory.members(['leads'])).map(({ name }) => name)).toEqual([
      'Ada Lovelace',
      'bob',
      'cas',
    ]);
    expect(await directory.members(['finance', 'operations'])).toHaveLength(1);
  });

  test('T11: are not known by the name that they sign in with', async () => {
    expect(await directory.find('ada')).toBeUndefined();
  });

  test('who are disabled may do nothing', async () => {
    pool.finance = [{ ...ada, enabled: false }];
    expect(await directory.members(['finance'])).toEqual([]);
  });

  test('a group that the pool does not have has nobody in it', async () => {
    expect(await directory.members(['operations'])).toEqual([]);
  });

  test('T14: who leaves a group counts as one of it for five seconds at most', async () => {
    expect((await directory.find('s-bob'))?.groups).toEqual(['leads']);
    pool.leads = [ada];
    clock += CACHE_MS - 1;
    expect((await directory.find('s-bob'))?.groups).toEqual(['leads']);
    clock += 1;
    expect(await directory.find('s-bob')).toBeUndefined();
  });

  test('are read once for many who ask at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => directory.find('s-ada')));
    expect(asked.map(({ GroupName }) => GroupName)).toEqual(['leads', 'leads', 'finance', 'operations']);
  });

  test.each(['InternalErrorException', 'TooManyRequestsException', 'NotAuthorizedException'])(
    'F30: where the pool answers %s nobody is known, and the next one asks again',
    async (error) => {
      pool.finance = error;
      await expect(directory.find('s-ada')).rejects.toThrow(Retryable);
      await expect(directory.members(['leads'])).rejects.toThrow(
        'the directory of approvers does not answer',
      );
      pool.finance = [ada];
      expect(await directory.find('s-ada')).toBeDefined();
    },
  );
});
