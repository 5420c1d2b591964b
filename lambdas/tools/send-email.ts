import * as z from 'zod';
import { CustomerId, EmailAddress, readCustomer } from './customer.ts';
import { call } from './downstream.ts';
import { defineTool } from './tool.ts';

export const sendEmail = defineTool({
  name: 'send_email',
  version: 1,
  description: 'Sends an email about a customer: to the customer, or to somebody else where that is needed.',
  args: z.strictObject({
    customerId: CustomerId,
    to: EmailAddress,
    subject: z.string().min(1).max(200).meta({ freeText: true }),
    body: z.string().min(1).max(10_000).meta({ freeText: true }),
  }),
  replay: 'keyed',
  tier: 'medium',
  title: ({ customerId, to }) => `Send an email about customer ${customerId} to ${to}`,
  /** Whether the address is the customer's own, as the customers table knows it. */
  facts: z.strictObject({ ownAddress: z.boolean(), address: z.string().optional() }),
  gather: async ({ customerId, to }, context) => {
    const customer = await readCustomer(context, customerId);
    if (!customer) return { ownAddress: false };
    return { ownAddress: customer.email.toLowerCase() === to.toLowerCase(), address: customer.email };
  },
  known: (_, { address }) => ({ to: typeof address === 'string' ? [address] : [] }),
  perform: (args, context) => call(context, '/mails', args),
});
