import * as z from 'zod';
import { CustomerId, readCustomer } from './customer.ts';
import { defineTool } from './tool.ts';

export const lookupCustomer = defineTool({
  name: 'lookup_customer',
  version: 1,
  description: 'Reads a customer: name, email address and orders. Amounts are in minor units (cents).',
  args: z.strictObject({ customerId: CustomerId }),
  replay: 'safe',
  tier: 'low',
  title: ({ customerId }) => `Look up customer ${customerId}`,
  perform: async ({ customerId }, context) => {
    const customer = await readCustomer(context, customerId);
    if (!customer) return { error: `There is no customer ${customerId}` };
    const { name, email, orders } = customer;
    return { customerId, name, email, orders };
  },
});
