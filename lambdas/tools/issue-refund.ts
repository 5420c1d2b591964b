import * as z from 'zod';
import { CustomerId, OrderId, readCustomer } from './customer.ts';
import { call } from './downstream.ts';
import { AmountMinor, Currency, inMajor } from './money.ts';
import { defineTool } from './tool.ts';

export const issueRefund = defineTool({
  name: 'issue_refund',
  version: 1,
  description: 'Refunds a part or all of an order. amountMinor is in minor units: 120.00 EUR is 12000.',
  args: z.strictObject({
    customerId: CustomerId,
    orderId: OrderId,
    amountMinor: AmountMinor,
    currency: Currency,
    reason: z.string().min(1).max(500).meta({ freeText: true }),
  }),
  replay: 'keyed',
  tier: 'low',
  title: ({ customerId, orderId, amountMinor, currency }) =>
    `Refund ${inMajor(amountMinor, currency)} to customer ${customerId} for order ${orderId}`,
  perform: (args, context) => call(context, '/refunds', args),
  counts: ({ customerId, amountMinor, currency }) => ({
    payee: `customer:${customerId}`,
    amountMinor,
    currency,
  }),
  observe: async ({ customerId, orderId }, context) => {
    const customer = await readCustomer(context, customerId);
    const order = customer?.orders.find((candidate) => candidate.orderId === orderId);
    if (!order) return { version: 'absent', facts: { order: `${orderId} is not an order of ${customerId}` } };
    const { status, totalMinor, refundedMinor, currency } = order;
    const remaining = totalMinor - refundedMinor;
    return {
      version: `${status}/${remaining}/${currency}`,
      facts: { 'order status': status, 'still refundable': inMajor(remaining, currency) },
    };
  },
});
