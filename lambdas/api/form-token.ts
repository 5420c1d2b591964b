import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { canonical } from '../journal/digest.ts';

/**
 * Forms carry a token that follows from the link and from a random value in a cookie of the link's own: whoever has
 * only one of them, or sends a form from elsewhere, has none (T19).
 */
export interface FormToken {
  readonly token: string;
  readonly cookie: string;
}

const RANDOM = /^[A-Za-z0-9_-]{22}$/;

/** A cookie for each link, so that one page does not spoil another's form. */
const cookieName = (link: string) =>
  `holdpoint-${createHash('sha256').update(link).digest('hex').slice(0, 16)}`;

const tokenFor = (secret: Uint8Array, link: string, random: string) =>
  createHmac('sha256', secret)
    .update(canonical(['form', link, random]))
    .digest('base64url');

export function newFormToken(secret: Uint8Array, link: string, options: { secure: boolean }): FormToken {
  const random = randomBytes(16).toString('base64url');
  // No Path: the browser takes the page's folder, which behind API Gateway has a stage in front of ours.
  const cookie = `${cookieName(link)}=${random}; HttpOnly; SameSite=Strict; Max-Age=86400${options.secure ? '; Secure' : ''}`;
  return { token: tokenFor(secret, link, random), cookie };
}

export function meetsFormToken(
  secret: Uint8Array,
  link: string,
  given: { readonly token: string; readonly cookies: string | undefined },
): boolean {
  const name = `${cookieName(link)}=`;
  const cookie = (given.cookies ?? '').split(/; */).find((pair) => pair.startsWith(name));
  const random = cookie?.slice(name.length);
  if (random === undefined || !RANDOM.test(random)) return false;
  const expected = Buffer.from(tokenFor(secret, link, random));
  const token = Buffer.from(given.token);
  return token.length === expected.length && timingSafeEqual(token, expected);
}

/** Whether a form was sent from a page of ours; a browser that says nothing of it is not believed. */
export function isSameOrigin(headers: Headers, ours: readonly string[]): boolean {
  const origin = headers.get('origin');
  if (origin !== null) return ours.includes(origin);
  const referer = headers.get('referer');
  if (referer === null || !URL.canParse(referer)) return false;
  return ours.includes(new URL(referer).origin);
}
