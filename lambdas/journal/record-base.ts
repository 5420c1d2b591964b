import * as z from 'zod';

/** What every record says of itself. `after` names the records that it follows from, each with its hash. */
export const base = {
  /** Format version. */
  v: z.literal(1),
  at: z.iso.datetime(),
  after: z.record(z.string(), z.string()),
};
