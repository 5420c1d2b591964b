import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Retryable } from '../errors.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

const MOST_ROUNDS = 8;

/**
 * The items of a table at these keys, read consistently, in no order; at most 100 keys, each of them once.
 * @throws Retryable where DynamoDB keeps leaving some out: what is missing from the answer is not there
 */
export async function batchGet<Item>(
  dynamodb: DynamoDBDocumentClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let wanted = keys;
  for (let round = 0; wanted.length > 0; round++) {
    // DynamoDB answers in part when it is throttled, and says what it left out.
    if (round === MOST_ROUNDS) throw new Retryable(`${table} answers in part only`);
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** round));
    const answer = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: [...wanted], ConsistentRead: true } } }),
    );
    found.push(...((answer.Responses?.[table] ?? []) as Item[]));
    wanted = (answer.UnprocessedKeys?.[table]?.Keys ?? []) as unknown as typeof wanted;
  }
  return found;
}
