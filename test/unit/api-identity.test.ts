import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cognitoIdentity, tokenIdentity } from '../../lambdas/api/identity.ts';
import { Retryable } from '../../lambdas/errors.ts';

const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

describe('a fixed token', () => {
  const identity = tokenIdentity({ lena: 'token-of-lena', otto: 'token-of-otto' });

  test('names its member', async () => {
    expect(await identity(bearer('token-of-lena'))).toBe('lena');
    expect(await identity(new Headers({ authorization: 'bearer token-of-otto' }))).toBe('otto');
  });

  test.each(['', 'token-of-len', 'token-of-lenaa', 'lena', 'TOKEN-OF-LENA'])(
    'that is not quite one names nobody: %j',
    async (token) => {
      expect(await identity(bearer(token))).toBeUndefined();
    },
  );

  test('counts in its header alone', async () => {
    expect(await identity(new Headers({ 'x-user': 'lena', cookie: 'token=token-of-lena' }))).toBeUndefined();
    expect(await identity(new Headers({ authorization: 'Basic token-of-lena' }))).toBeUndefined();
  });
});

describe('a token of a user pool', () => {
  let server: Server;
  let issuer: string;
  let down = false;
  let pair: Awaited<ReturnType<typeof generateKeyPair>>;

  beforeAll(async () => {
    pair = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', use: 'sig' };
    server = createServer((request, response) => {
      const found = request.url === '/pool/.well-known/jwks.json' && !down;
      response.writeHead(found ? 200 : 500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
  });
  afterAll(() => void server.close());

  const identity = () => cognitoIdentity({ issuer, clientId: 'client-1' });
  const access = { token_use: 'access', client_id: 'client-1' };
  const sign = (
    claims: object,
    of: { issuer?: string; exp?: string; key?: typeof pair.privateKey; kid?: string } = {},
  ) =>
    new SignJWT({ sub: 'lena', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: of.kid ?? 'one' })
      .setIssuer(of.issuer ?? issuer)
      .setExpirationTime(of.exp ?? '1h')
      .sign(of.key ?? pair.privateKey);

  test('names its subject, as an access token and as an id token', async () => {
    expect(await identity()(bearer(await sign(access)))).toBe('lena');
    const id = await sign({ token_use: 'id', aud: 'client-1' });
    expect(await identity()(bearer(id))).toBe('lena');
  });

  test('names nobody when it is for another client, pool or use, or has expired', async () => {
    const tokens = await Promise.all([
      sign({ ...access, client_id: 'client-2' }),
      sign({ token_use: 'id', aud: 'client-2' }),
      sign({ token_use: 'id', client_id: 'client-1' }),
      sign({ token_use: 'access', aud: 'client-1' }),
      sign({ client_id: 'client-1', aud: 'client-1' }),
      sign({ ...access, token_use: 'refresh' }),
      sign({ ...access, sub: undefined }),
      sign(access, { issuer: 'https://elsewhere.example/pool' }),
      sign(access, { exp: '-1h' }),
      sign(access, { kid: 'two' }),
    ]);
    for (const token of tokens) expect(await identity()(bearer(token))).toBeUndefined();
  });

  test('names nobody when another key signed it, or none', async () => {
    const other = await generateKeyPair('RS256');
    const forged = await sign(access, { key: other.privateKey });
    const claims = { sub: 'lena', iss: issuer, ...access };
    const unsigned = new UnsecuredJWT(claims).setExpirationTime('1h').encode();
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey)));
    const confused = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(secret);
    const other512 = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS512', kid: 'one' })
      .setExpirationTime('1h')
      .sign(await importJWK(await exportJWK(pair.privateKey), 'RS512'));
    for (const token of [forged, unsigned, confused, other512, 'a.b.c', 'x']) {
      expect(await identity()(bearer(token))).toBeUndefined();
    }
  });

  test('F30: is for later where the pool does not answer', async () => {
    const token = await sign(access);
    down = true;
    await expect(identity()(bearer(token))).rejects.toThrow(Retryable);
    down = false;
    const nowhere = cognitoIdentity({ issuer: 'http://127.0.0.1:1/pool', clientId: 'client-1' });
    await expect(nowhere(bearer(token))).rejects.toThrow(Retryable);
  });
});
