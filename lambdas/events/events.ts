import * as z from 'zod';
import { Asks, RESULTS, RUN_ENDS, SettledOutcome } from '../journal/records.ts';
import { Tier } from '../policy/ruling.ts';

/**
 * What is put on the bus: ids and facts, never arguments, texts that somebody wrote, tokens or links. A field that is
 * not named here is not sent. docs/events.md has the same as JSON schema.
 */
const base = {
  id: z.string().meta({ description: 'The same when the same is told again: for whoever must count once' }),
  at: z.iso.datetime(),
};
const ofRun = { ...base, runId: z.string() };
const ofAction = { ...ofRun, actionId: z.string().meta({ description: '<turn>.<index>' }) };
const ofHold = { ...ofAction, holdId: z.string() };
const who = z.string().meta({ description: 'Subject id' });

const HoldFacts = z.strictObject({
  ...ofHold,
  asks: Asks,
  tier: Tier,
  route: z.string(),
  level: z.int(),
  groups: z.array(z.string()),
  expiresAt: z.iso.datetime(),
});

/** By detail type, what the detail holds. */
export const EVENTS = {
  'Run started': z.strictObject({ ...ofRun, agent: z.string(), requester: who }),
  'Run ended': z.strictObject({ ...ofRun, status: z.enum(RUN_ENDS) }),
  'Hold opened': HoldFacts,
  'Hold reminded': HoldFacts,
  'Hold warned': HoldFacts,
  'Hold delegated': z.strictObject({ ...ofHold, from: who, to: who }),
  'Hold settled': z.strictObject({
    ...ofHold,
    outcome: SettledOutcome,
    deciders: z.array(who).meta({ description: 'Whose decisions it counted' }),
    next: z.string().optional().meta({ description: 'holdId of the hold that follows' }),
  }),
  'Action in doubt': z.strictObject({ ...ofAction, try: z.int().optional() }),
  'Action ended': z.strictObject({ ...ofAction, outcome: z.enum(RESULTS) }),
  'Brake set': z.strictObject({ ...base, scope: z.string(), who }),
  'Brake lifted': z.strictObject({ ...base, scope: z.string(), who }),
  'Journal altered': z.strictObject({
    ...base,
    how: z.enum(['overwritten', 'removed', 'unreadable']).meta({ description: 'Nobody may: look at once' }),
  }),
} as const;

export type EventKind = keyof typeof EVENTS;
export type HoldpointEvent = {
  [K in EventKind]: { readonly kind: K; readonly detail: z.infer<(typeof EVENTS)[K]> };
}[EventKind];

export const SOURCE = 'holdpoint';
