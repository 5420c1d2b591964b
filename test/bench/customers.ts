import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import type { Model } from '../../lambdas/model/model.ts';
import { customerKey } from '../../lambdas/tools/customer.ts';
import { TABLES } from '../../lib/local/layout.ts';

/** The customer of the scenarios, whom every customer of a measured run is a copy of. */
const ADA = 'C-1001';

/** Puts the sample's customers and so many copies of Ada into their table. @returns the copies' ids */
export async function seedCustomers(dynamodb: DynamoDBDocumentClient, copies: number): Promise<string[]> {
  const ada = SAMPLE_CUSTOMERS.find(({ customerId }) => customerId === ADA);
  const ids = Array.from({ length: copies }, (_, n) => `C-${100_000 + n}`);
  const all = [
    ...SAMPLE_CUSTOMERS,
    ...ids.map((customerId) => ({ ...ada, ...customerKey(customerId), customerId })),
  ];
  for (let from = 0; from < all.length; from += 25) {
    const items = all.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteCommand({ RequestItems: { [TABLES.customers]: items } }));
  }
  return ids;
}

/** A scenario's request about another customer. */
export const about = (input: string, customerId: string) => input.replaceAll(ADA, customerId);

/**
 * The same model, talking about the customer that its run is about. A day's refunds to one customer are summed up, and
 * become another case: thousands of runs about Ada would measure nothing else.
 */
export const aboutTheirCustomer = (model: Model): Model => ({
  ...model,
  next: async (request) => {
    const [asked] = request.messages;
    const customerId = asked?.role === 'user' ? /C-\d{6}/.exec(asked.text)?.[0] : undefined;
    const answer = await model.next(request);
    if (customerId === undefined) return answer;
    const calls = answer.calls.map(({ tool, args }) => ({
      tool,
      args: JSON.parse(JSON.stringify(args).replaceAll(ADA, customerId)),
    }));
    return { ...answer, calls };
  },
});
