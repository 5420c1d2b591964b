import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { measure } from '../../lambdas/reconcile/measure.ts';
import { createDynamoDB, type DynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

let database: DynamoDB;
let rows: Rows;
beforeAll(async () => {
  database = await createDynamoDB();
  await database.createTables(TABLE_SPECS);
  rows = new Rows({ dynamodb: DynamoDBDocumentClient.from(database.client()), table: TABLES.rows });
});
afterAll(() => database.close());

const hold = (id: string, of: Partial<HoldRow>) =>
  rows.put({
    kind: 'hold',
    id,
    openedAt: ago(60).toISOString(),
    due: ago(-600).getTime(),
    asks: 'approval',
    ...of,
  } as HoldRow);

test('nothing open is none, and not nothing', async () => {
  expect(await measure(rows, NOW)).toEqual({ OpenHolds: 0, OpenDoubts: 0, OldestHold: 0 });
});

test('every open hold counts, due or not; the oldest of them, and those in doubt', async () => {
  await hold('a', { openedAt: ago(7200).toISOString() });
  await hold('b', { asks: 'doubt' });
  await hold('c', {});
  expect(await measure(rows, NOW)).toEqual({
    OpenHolds: 3,
    OpenDoubts: 1,
    OldestHold: 7200,
  });
});
