import * as z from 'zod';

/** All with two decimals, which {@link inMajor} relies on. */
export const Currency = z.enum(['EUR', 'USD', 'GBP']);

/** Up to 1,000,000.00. */
export const AmountMinor = z.int().min(1).max(100_000_000);

/** `inMajor(490_000, 'EUR')` is `4,900.00 EUR`. */
export const inMajor = (minor: number, currency: string): string => {
  const digits = String(Math.abs(minor)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${minor < 0 ? '-' : ''}${whole}.${digits.slice(-2)} ${currency}`;
};
