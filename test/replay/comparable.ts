import type { Records } from '../../lambdas/journal/journal.ts';
import type { Body } from '../../lambdas/journal/records.ts';
import type { Json, JsonObject } from '../../lambdas/json.ts';

/** What no two runs have in common, or what may be other tomorrow: chance, the clock, and what is configured anew. */
const OMITTED: { readonly [K in Body['kind']]?: readonly string[] } = {
  run: ['runId', 'policyVersion', 'limits', 'price'],
  intent: ['owner'],
  outcome: ['owner'],
};
/** Named a moment before the record is written, and so a moment less than what they are meant to be after it. */
const SOON_AFTER = ['deadline', 'expiresAt'];
const BEFORE_EXPIRY = ['remindAt', 'warnAt'];

/**
 * A record as it can be compared with what another process writes in its place: times as they lie to each other,
 * policies by what they rule and not by their version. Records that are not written yet are named by place alone.
 */
export function comparable(body: Body, whole: Records, isThere: (sk: string) => boolean): JsonObject {
  const { at, after, ...rest } = body;
  const own: Record<string, unknown> = { ...rest };
  for (const name of OMITTED[body.kind] ?? []) delete own[name];
  const between = (from: unknown, to: unknown) => Date.parse(String(to)) - Date.parse(String(from));
  for (const name of BEFORE_EXPIRY) if (name in own) own[name] = between(own[name], own.expiresAt);
  for (const name of SOON_AFTER) if (name in own) own[name] = Math.ceil(between(at, own[name]) / 1000) + 0;
  if (body.kind === 'turn')
    own.actions = body.actions.map(({ ruling: { policyVersion: _, ...ruling }, ...action }) => ({
      ...action,
      ruling,
    }));
  own.after = Object.fromEntries(
    Object.entries(after).map(([sk, hash]) => [sk, isThere(sk) && whole.has(sk) ? hash : 'with it']),
  );
  return JSON.parse(JSON.stringify(own)) as Json as JsonObject;
}
