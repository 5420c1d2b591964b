import * as z from 'zod';
import { GrantTerms } from '../oversight/grant-terms.ts';
import { base } from './record-base.ts';

/** Records that stand for longer than a run: who set and lifted which brake, who gave and revoked which grant. */

export const BrakedRecord = z.object({
  ...base,
  kind: z.literal('braked'),
  scope: z.string(),
  who: z.string(),
  reason: z.string(),
});

export const LiftedRecord = z.object({
  ...base,
  kind: z.literal('lifted'),
  scope: z.string(),
  who: z.string(),
});

export const GrantedRecord = GrantTerms.extend({
  ...base,
  kind: z.literal('granted'),
  id: z.string(),
  who: z.string(),
  /** The giver's groups when it was given. */
  groups: z.array(z.string()),
  reason: z.string(),
});

export const RevokedRecord = z.object({
  ...base,
  kind: z.literal('revoked'),
  id: z.string(),
  who: z.string(),
});
