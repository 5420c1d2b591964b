import * as z from 'zod';

/** How bad a wrong call would be; compared by position. */
export const TIERS = ['low', 'medium', 'high', 'critical'] as const;
export const Tier = z.enum(TIERS);
export type Tier = z.infer<typeof Tier>;

const said = {
  tier: Tier,
  /** SHA-256 over the policy texts and the generated schema (hex). */
  policyVersion: z.string(),
  /** The `@id`s of the policies that decided. */
  policies: z.array(z.string()),
  reason: z.string(),
};

/** What the policy says of one action. Unknown, unmatched and erroneous all mean deny. */
export const Ruling = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('allow'),
    /** Id of the standing grant without which a person would have been asked. */
    grant: z.string().optional(),
    ...said,
  }),
  z.object({ decision: z.literal('deny'), ...said }),
  z.object({ decision: z.literal('hold'), route: z.string(), ...said }),
]);
export type Ruling = z.infer<typeof Ruling>;
