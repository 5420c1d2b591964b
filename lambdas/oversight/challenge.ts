import { createHmac } from 'node:crypto';
import { canonical } from '../journal/digest.ts';
import type { Tier } from '../policy/ruling.ts';

/** No vowels, so no words; no letters that look alike. */
const LETTERS = 'BCDFGHJKMNPQRTVWXZ';
const LENGTH = 4;

/**
 * What a person types to decide: it follows from hold, person and digest. No secret, and no proof of who somebody is:
 * it proves that somebody read the page, which no mail scanner does (T4, T6).
 */
export function challengeOf(
  secret: Uint8Array,
  of: { readonly holdId: string; readonly who: string; readonly digest: string },
): string {
  const bytes = createHmac('sha256', secret)
    .update(canonical(['challenge', of.holdId, of.who, of.digest]))
    .digest();
  return Array.from({ length: LENGTH }, (_, i) => LETTERS[(bytes[i] ?? 0) % LETTERS.length]).join('');
}

/** Whether a decision needs one: by link always, for who is signed in from tier high up. */
export const needsChallenge = (tier: Tier, via: 'link' | 'token'): boolean =>
  via === 'link' || tier === 'high' || tier === 'critical';

/** Letters are letters, however they were typed. */
export const meetsChallenge = (given: string | undefined, challenge: string): boolean =>
  given?.replace(/[\s-]/g, '').toUpperCase() === challenge;
