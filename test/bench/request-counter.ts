import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface Requests {
  /** Requests by operation. */
  readonly byOperation: Readonly<Record<string, number>>;
  readonly writes: number;
  readonly reads: number;
  /** Keys asked for in batches, each of which DynamoDB bills as a read. */
  readonly keysRead: number;
}

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'];

/** Counts the requests of a client from now on, retries not included. @returns what was counted since the last call */
export function countRequests(dynamodb: DynamoDBDocumentClient): () => Requests {
  let byOperation: Record<string, number> = {};
  let keysRead = 0;
  dynamodb.middlewareStack.add(
    (next, context) => (args) => {
      const name = (context.commandName ?? '').replace(/Command$/, '');
      byOperation[name] = (byOperation[name] ?? 0) + 1;
      const input = args.input as { RequestItems?: Record<string, { Keys?: readonly unknown[] }> };
      if (name === 'BatchGetItem')
        for (const { Keys } of Object.values(input.RequestItems ?? {})) keysRead += Keys?.length ?? 0;
      return next(args);
    },
    { step: 'initialize', name: 'countRequests' },
  );
  return () => {
    const total = (isWrite: boolean) =>
      Object.entries(byOperation).reduce((sum, [n, c]) => sum + (WRITES.includes(n) === isWrite ? c : 0), 0);
    const counted = { byOperation, writes: total(true), reads: total(false), keysRead };
    byOperation = {};
    keysRead = 0;
    return counted;
  };
}
