import * as z from 'zod';

/** What a million tokens cost, in millionths of USD: 3.00 USD is 3,000,000. */
export const Price = z.strictObject({ input: z.int().nonnegative(), output: z.int().nonnegative() });
export type Price = z.infer<typeof Price>;
