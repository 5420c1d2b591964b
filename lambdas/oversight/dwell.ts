import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonical } from '../journal/digest.ts';
import type { Tier } from '../policy/ruling.ts';

/**
 * How long somebody has had a hold before them when they approve it (T4). Nothing is stored: what they were shown
 * carries the time, signed for this hold, person and digest, and comes back with the approval.
 */
export interface Showing {
  readonly holdId: string;
  readonly who: string;
  readonly digest: string;
}

/** From tier high up an approval wants a while of looking; to reject, to change or to pass on may be quick. */
export const needsDwell = (tier: Tier, decision: string): boolean =>
  decision === 'approve' && (tier === 'high' || tier === 'critical');

/** What goes with a hold that is shown now. */
export const shownAt = (secret: Uint8Array, showing: Showing, now: Date): string => {
  const at = now.getTime().toString(36);
  return `${at}.${seal(secret, showing, at)}`;
};

/** For how long it has been shown, in seconds; undefined for what we have not signed. */
export function shownFor(secret: Uint8Array, showing: Showing, shown: string, now: Date): number | undefined {
  const [at = '', given = ''] = shown.split('.');
  const expected = Buffer.from(seal(secret, showing, at));
  const sealed = Buffer.from(given);
  if (sealed.length !== expected.length || !timingSafeEqual(sealed, expected)) return undefined;
  return (now.getTime() - Number.parseInt(at, 36)) / 1000;
}

const seal = (secret: Uint8Array, { holdId, who, digest }: Showing, at: string) =>
  createHmac('sha256', secret)
    .update(canonical(['shown', holdId, who, digest, at]))
    .digest('base64url')
    .slice(0, 22);
