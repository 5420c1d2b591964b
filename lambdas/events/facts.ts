import type { HoldAddress } from '../journal/keys.ts';
import { holdId } from '../journal/keys.ts';
import type { BodyOf } from '../journal/records.ts';

/** What events say of an open hold. */
export const holdFacts = (at: HoldAddress, hold: BodyOf<'hold'>) => ({
  runId: at.runId,
  actionId: at.actionId,
  holdId: holdId(at),
  asks: hold.asks,
  tier: hold.tier,
  route: hold.route,
  level: hold.level,
  groups: hold.groups,
  expiresAt: hold.expiresAt,
});
