import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Ledger } from '../../lambdas/sandbox/ledger.ts';
import { tableLedger } from '../../lambdas/sandbox/table-ledger.ts';
import { createDynamoDB } from '../../lib/local/dynamodb.ts';

const database = await createDynamoDB();
afterAll(() => database.close());
const dynamodb = DynamoDBDocumentClient.from(database.client());

let tables = 0;
let ledger: Ledger;
beforeEach(async () => {
  tables += 1;
  const TableName = `ledger-${tables}`;
  await database.createTables([
    {
      TableName,
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    },
  ]);
  ledger = tableLedger(dynamodb, TableName);
});

const refund = { key: 'k1', kind: 'refund' as const, args: { amountMinor: 100 } };

test('what is done under a key is done once, however many ask for it at once', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => ledger.once(refund)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect((await ledger.read()).effects).toHaveLength(1);
});

test('a key that was used stands as it was, whatever is asked next', async () => {
  await ledger.once(refund);
  const second = await ledger.once({ ...refund, args: { amountMinor: 200 } });
  expect(second.args).toEqual({ amountMinor: 100 });
});

test('what honours no key is done each time', async () => {
  const wire = { key: 'k1', kind: 'wire' as const, args: {} };
  await ledger.always(wire);
  await ledger.always(wire);
  expect((await ledger.read()).effects).toHaveLength(2);
});

test('every attempt is kept apart from what came of it, and nothing of the table shows', async () => {
  await ledger.attempt({ key: null, kind: 'mail' });
  await ledger.attempt({ key: 'k1', kind: 'refund' });
  await ledger.once(refund);
  const { attempts, effects } = await ledger.read();
  expect(attempts.map(({ kind }) => kind).sort()).toEqual(['mail', 'refund']);
  expect(effects).toEqual([{ ...refund, id: expect.any(String), at: expect.any(String) }]);
});
