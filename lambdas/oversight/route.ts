import * as z from 'zod';

/** Who must decide and how. Checked when the project is built, and named by a policy's `@route`. */
export const Route = z.strictObject({
  /** Any member of these may vote. */
  groups: z.array(z.string().min(1)).min(1),
  /** How many distinct people must approve. */
  quorum: z.int().min(1).max(10),
  /** The approving votes must come from this many distinct groups. */
  distinctGroups: z.int().min(1).max(10).default(1),
  /** Who asked for the run, who edited the arguments and the agent's owner may not decide. */
  fourEyes: z.boolean(),
  /** How long one level waits, in seconds: one second to a year. */
  limitSeconds: z.int().min(1).max(31_536_000),
  /** When to remind, as a share of the limit. */
  remindAt: z.number().gt(0).lt(1).default(0.5),
  /** When to warn that the time is nearly over, as a share of the limit. @default 0.9 */
  warnAt: z.number().gt(0).lt(1).optional(),
  /** Where an unanswered or escalated hold goes next. */
  next: z.string().optional(),
  /** What the last level's expiry means: the model is told, or the run ends. */
  onExpiry: z.enum(['tell', 'end']).default('tell'),
  /** Compared when policy is ruled again: an approval on a stricter route satisfies a looser one. */
  strictness: z.int().min(0).max(100),
});
export type Route = z.infer<typeof Route>;
export type RouteInput = z.input<typeof Route>;
export type Routes = Readonly<Record<string, Route>>;
