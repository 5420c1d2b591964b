import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Customer, customerKey } from '../../../lambdas/tools/customer.ts';
import { TABLES } from '../layout.ts';
import type { Demo } from './demo.ts';
import type { Hands } from './hands.ts';

/** Between showing and approving somebody else refunds a part: what was approved is asked again, with the difference. */
export const stale: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const [hold] = await hands.open(runId);
    await refundElsewhere(hands, 'C-1001', 'O-5001', 3_000);
    await hands.byLink('lena', hold?.holdId ?? '', { decision: 'approve' });
    const [again] = await hands.open(runId);
    const difference = 'still refundable was 149.00 EUR, is 119.00 EUR';
    hands.expect(again?.why.includes(difference) ?? false, `it is asked again because: ${again?.why}`);
    hands.expect(again?.digest !== hold?.digest, 'the digest does not show that it has changed');
    hands.expect((await hands.effects(runId)) === 0, 'a stale approval was used');
    await hands.byLink('lena', again?.holdId ?? '', { decision: 'approve' });

    const run = await hands.ended(runId);
    const action = run.actions.find(({ holds }) => holds.length > 0);
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    return [runId];
  },
};

/** What another system does to the order meanwhile. */
async function refundElsewhere(
  hands: Hands,
  id: string,
  orderId: string,
  amountMinor: number,
): Promise<void> {
  const { dynamodb } = hands.stack.core.environment;
  const place = { TableName: TABLES.customers, Key: customerKey(id) };
  const customer = Customer.parse((await dynamodb.send(new GetCommand(place))).Item);
  const orders = customer.orders.map((order) =>
    order.orderId === orderId ? { ...order, refundedMinor: order.refundedMinor + amountMinor } : order,
  );
  const Item = { ...customerKey(id), ...customer, orders };
  await dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
}
