import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, Effect, Ledger, NewEffect } from './ledger.ts';

/** A ledger in a table of its own, keyed by `pk` and `sk`. What stands under a key is written if absent, once. */
export const tableLedger = (dynamodb: DynamoDBDocumentClient, table: string): Ledger => {
  const put = (pk: 'attempt' | 'effect', sk: string, item: object) =>
    dynamodb.send(
      new PutCommand({
        TableName: table,
        Item: { pk, sk, ...item },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );

  const list = async <T extends Attempt>(pk: 'attempt' | 'effect'): Promise<T[]> => {
    const items: T[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await dynamodb.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      items.push(...(page.Items ?? []).map(({ pk: _, sk: __, ...item }) => item as T));
      start = page.LastEvaluatedKey;
    } while (start);
    return items.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  };

  const make = ({ key, kind, args }: NewEffect): Effect => ({
    id: `${kind}-${randomUUID().slice(0, 8)}`,
    key,
    kind,
    args,
    at: new Date().toISOString(),
  });

  return {
    attempt: async ({ key, kind }) => {
      await put('attempt', randomUUID(), { key, kind, at: new Date().toISOString() });
    },
    once: async (asked) => {
      const sk = `key#${asked.key}`;
      const effect = make(asked);
      try {
        await put('effect', sk, effect);
        return effect;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const { Item } = await dynamodb.send(
          new GetCommand({ TableName: table, Key: { pk: 'effect', sk }, ConsistentRead: true }),
        );
        return Item as Effect;
      }
    },
    always: async (asked) => {
      const effect = make(asked);
      await put('effect', effect.id, effect);
      return effect;
    },
    read: async () => ({ effects: await list<Effect>('effect'), attempts: await list('attempt') }),
  };
};
