import { errors, jwtVerify, SignJWT } from 'jose';
import { type HoldAddress, holdId, parseHoldId } from '../journal/keys.ts';

/** HMAC keys by key id; the first signs, all verify, so that keys can be rotated while links are out. */
export type LinkKeys = readonly { readonly id: string; readonly secret: Uint8Array }[];

export type OpenedLink =
  | { readonly as: 'valid' | 'expired'; readonly at: HoldAddress; readonly who: string }
  | { readonly as: 'unknown' };

/** Signs and opens links. A link names one hold and one approver; it holds no token and no decision. */
export interface Links {
  /** The path of the page, such as `/h/eyJ…`. */
  sign(at: HoldAddress, who: string, expires: Date): Promise<string>;
  open(link: string): Promise<OpenedLink>;
}

const VERSION = 1;
/** Clocks may differ by so much (F25). */
const ALLOWANCE_SECONDS = 60;

/** HS384: 48 bytes are 64 base64url characters, so no spare bit can be flipped unnoticed (T8). */
const ALGORITHM = 'HS384';

export function createLinks(keys: LinkKeys, now: () => Date): Links {
  const [current] = keys;
  if (!current) throw new TypeError('links need at least one key');
  return {
    async sign(at, who, expires) {
      const jwt = new SignJWT({ v: VERSION, hold: holdId(at) })
        .setProtectedHeader({ alg: ALGORITHM, kid: current.id })
        .setSubject(who)
        .setExpirationTime(Math.floor(expires.getTime() / 1000));
      return `/h/${await jwt.sign(current.secret)}`;
    },
    async open(link) {
      const keyOf = (header: { kid?: string }) => {
        const key = keys.find(({ id }) => id === header.kid);
        if (!key) throw new errors.JWSSignatureVerificationFailed();
        return key.secret;
      };
      try {
        const options = { algorithms: [ALGORITHM], clockTolerance: ALLOWANCE_SECONDS, currentDate: now() };
        return read((await jwtVerify(link, keyOf, options)).payload, 'valid');
      } catch (error) {
        // jose checks the signature before it looks at any claim.
        if (error instanceof errors.JWTExpired) return read(error.payload, 'expired');
        return { as: 'unknown' };
      }
    },
  };
}

function read(payload: Record<string, unknown>, as: 'valid' | 'expired'): OpenedLink {
  const at = typeof payload.hold === 'string' ? parseHoldId(payload.hold) : undefined;
  if (payload.v !== VERSION || !at || typeof payload.sub !== 'string' || typeof payload.exp !== 'number') {
    return { as: 'unknown' };
  }
  return { as, at, who: payload.sub };
}
