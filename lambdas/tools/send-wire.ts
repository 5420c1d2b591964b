import * as z from 'zod';
import { CustomerId } from './customer.ts';
import { ask, call } from './downstream.ts';
import { AmountMinor, Currency, inMajor } from './money.ts';
import { defineTool, type ReadBack } from './tool.ts';

const requestId = z.string().nullable();
const Wires = z.object({
  items: z.array(z.object({ id: z.string(), requestId, at: z.string() })),
  underWay: z.array(z.object({ requestId })),
});

export const sendWire = defineTool({
  name: 'send_wire',
  version: 1,
  description: 'Wires money to a bank account. amountMinor is in minor units: 900.00 EUR is 90000.',
  args: z.strictObject({
    customerId: CustomerId,
    iban: z.string().regex(/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/),
    amountMinor: AmountMinor,
    currency: Currency,
    reference: z.string().regex(/^[A-Za-z0-9-]{4,35}$/),
  }),
  replay: 'never',
  tier: 'high',
  title: ({ customerId, iban, amountMinor, currency }) =>
    `Wire ${inMajor(amountMinor, currency)} to ${iban} for customer ${customerId}`,
  perform: (args, context) => call(context, '/wires', args),
  counts: ({ iban, amountMinor, currency }) => ({ payee: `iban:${iban}`, amountMinor, currency }),
  // The bank keeps a caller's key with the wire without honouring it, which tells ours from another of equal reference.
  readBack: async ({ reference }, context): Promise<ReadBack> => {
    const path = `/wires?reference=${encodeURIComponent(reference)}`;
    const { items, underWay } = Wires.parse(await ask(context, path));
    const own = items.find(({ requestId }) => requestId === context.key);
    if (own) return { happened: true, result: { id: own.id, status: 'done', at: own.at } };
    // Slower than our deadline: not done yet is not *did not happen*.
    if (underWay.some(({ requestId }) => requestId === context.key))
      return { happened: 'unknown', why: 'the bank has the call, and has not done it yet' };
    const nobodys = items.find(({ requestId }) => requestId === null);
    if (!nobodys) return { happened: false };
    return { happened: 'unknown', why: `wire ${nobodys.id} has this reference and no key` };
  },
});
