import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { Hold, Vote } from '../../lambdas/oversight/settle.ts';

/** Holds and votes as they stand in the journal, for what only counts them. */

export const OPENED = Date.parse('2026-03-02T09:00:00Z');
export const LIMIT_S = 100;

/** So many seconds after the hold was opened. */
export const at = (seconds: number) => new Date(OPENED + seconds * 1000).toISOString();

export const aHold = (body: Partial<BodyOf<'hold'>> = {}): Hold => ({
  sk: 'act#0001.00#hold#0',
  hash: 'hash',
  body: {
    v: 1,
    at: at(0),
    after: {},
    kind: 'hold',
    asks: 'approval',
    level: 0,
    route: 'lead',
    tier: 'medium',
    why: 'policy asks',
    digest: 'shown',
    groups: ['leads', 'finance'],
    quorum: 1,
    distinctGroups: 1,
    fourEyes: true,
    excluded: [],
    remindAt: at(LIMIT_S / 2),
    expiresAt: at(LIMIT_S),
    onExpiry: 'tell',
    ...body,
  },
});

export type Cast = Partial<BodyOf<'vote'>> & { readonly seconds?: number };

export const aVote = (
  who: string,
  decision: BodyOf<'vote'>['decision'],
  { seconds = 1, ...body }: Cast = {},
): Vote => ({
  sk: `act#0001.00#hold#0#vote#${who}`,
  hash: `hash of ${who}`,
  body: {
    v: 1,
    at: at(seconds),
    after: {},
    kind: 'vote',
    who,
    decision,
    digest: 'shown',
    via: 'token',
    groups: ['leads'],
    ...body,
  },
});
