import { z } from 'zod';

/** All money that models cost is counted in this currency, in whole millionths of it. */
export const CURRENCY = 'USD';

/** What a million tokens cost, in millionths of {@link CURRENCY}: 3.00 USD is 3,000,000. */
export const Price = z.strictObject({ input: z.int().nonnegative(), output: z.int().nonnegative() });
export type Price = z.infer<typeof Price>;

/** Of one model call, rounded up. */
export const costOf = (usage: { readonly input: number; readonly output: number }, price: Price): number =>
  Math.ceil((usage.input * price.input + usage.output * price.output) / 1e6);

/** For people: 1250000 is `1.250000 USD`. */
export const inMoney = (micros: number): string => {
  const digits = String(micros).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)} ${CURRENCY}`;
};
