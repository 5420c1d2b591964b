import type { Price } from './price.ts';

/** Of one model call, in whole millionths of a USD, rounded up. */
export const costOf = (usage: { readonly input: number; readonly output: number }, price: Price): number =>
  Math.ceil((usage.input * price.input + usage.output * price.output) / 1e6);

/** For people: 1250000 is `1.250000 USD`. */
export const inMoney = (micros: number): string => `${(micros / 1e6).toFixed(6)} USD`;
