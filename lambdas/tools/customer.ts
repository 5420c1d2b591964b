import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { Currency } from './money.ts';
import type { ToolContext } from './tool.ts';

export const CustomerId = z.string().regex(/^C-\d{4,8}$/);
export const OrderId = z.string().regex(/^O-\d{4,8}$/);

/** ASCII only: what is not can look like something else. */
export const EmailAddress = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/);

const Order = z.object({
  orderId: OrderId,
  totalMinor: z.int().min(0),
  refundedMinor: z.int().min(0),
  currency: Currency,
  status: z.enum(['paid', 'shipped', 'delivered', 'cancelled']),
});

const Note = z.object({ at: z.string(), author: z.string(), text: z.string() });

export const Customer = z.object({
  customerId: CustomerId,
  name: z.string(),
  email: EmailAddress,
  orders: z.array(Order),
  /** What strangers wrote. */
  notes: z.array(Note),
});
export type Customer = z.infer<typeof Customer>;

/** The key of a customer's item in the customers table. */
export const customerKey = (customerId: string): { pk: string } => ({ pk: `customer#${customerId}` });

export const readCustomer = async (
  { dynamodb, env, signal }: ToolContext,
  customerId: string,
): Promise<Customer | undefined> => {
  const { Item } = await dynamodb.send(
    new GetCommand({ TableName: env.CUSTOMERS_TABLE, Key: customerKey(customerId), ConsistentRead: true }),
    { abortSignal: signal },
  );
  return Item && Customer.parse(Item);
};
