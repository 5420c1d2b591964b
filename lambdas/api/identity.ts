import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { Retryable } from '../errors.ts';

/** Who sends a request: a stable subject id, or undefined for nobody we know. It never looks at the body (T22). */
export type Identity = (headers: Headers) => Promise<string | undefined>;

/** The token of an `Authorization: Bearer` header (RFC 6750). */
export function bearerOf(headers: Headers): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** Fixed tokens by subject id, for one machine. Compares hashes, and all of them, so that time tells nothing. */
export function tokenIdentity(tokens: Readonly<Record<string, string>>): Identity {
  const known = Object.entries(tokens).map(([who, token]) => ({ who, hash: hash(token) }));
  return async (headers) => {
    const token = bearerOf(headers);
    if (token === undefined) return undefined;
    const given = hash(token);
    let found: string | undefined;
    for (const one of known) if (timingSafeEqual(one.hash, given)) found = one.who;
    return found;
  };
}

export interface CognitoOptions {
  /** `https://cognito-idp.REGION.amazonaws.com/POOL` */
  readonly issuer: string;
  readonly clientId: string;
  /** Where an emulator serves the pool, whose tokens name the issuer all the same. @default at the issuer */
  readonly endpoint?: string;
}

/**
 * Tokens of a Cognito user pool, access and id tokens alike.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
export function cognitoIdentity({ issuer, clientId, endpoint }: CognitoOptions): Identity {
  const pool = endpoint === undefined ? issuer : endpoint + new URL(issuer).pathname;
  const keys = createRemoteJWKSet(new URL(`${pool}/.well-known/jwks.json`));
  return async (headers) => {
    const token = bearerOf(headers);
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp', 'token_use'],
        clockTolerance: 5,
      });
      // An id token names its client as audience, an access token as client_id, and has no audience.
      const client = payload.token_use === 'id' ? payload.aud : payload.client_id;
      const fits = (payload.token_use === 'id' || payload.token_use === 'access') && client === clientId;
      return fits ? payload.sub : undefined;
    } catch (error) {
      if (refuses(error)) return undefined;
      // The provider is away: nobody is known, and nobody is told that their token is bad (F30).
      throw new Retryable('the identity provider does not answer', { cause: error });
    }
  };
}

const refuses = (error: unknown) =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  // jose says so of a key set that it could not get.
  error.code !== 'ERR_JOSE_GENERIC';
