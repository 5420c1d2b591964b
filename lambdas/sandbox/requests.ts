import * as z from 'zod';

// A foreign system has its own idea of what is valid: these are deliberately not the tools' schemas.

const id = z.string().min(1).max(64);
const amountMinor = z.int().positive();
const currency = z.string().length(3);

export const RefundRequest = z.strictObject({
  customerId: id,
  orderId: id,
  amountMinor,
  currency,
  reason: z.string(),
});

export const MailRequest = z.strictObject({
  customerId: id,
  to: z.string().includes('@'),
  subject: z.string(),
  body: z.string(),
});

export const DeleteRequest = z.strictObject({ table: id, id });

export const WireRequest = z.strictObject({
  customerId: id,
  iban: z.string().min(15).max(34),
  amountMinor,
  currency,
  reference: z.string().min(1).max(35),
});
