import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite/db/index.js';
import { expect, it } from 'vitest';
import { Journal } from '../../lambdas/journal/journal.ts';
import { cancelKey, intentKey } from '../../lambdas/journal/keys.ts';
import { serveDynalite } from '../../lib/local/dynalite-operations.ts';
import { inProcessClient } from '../../lib/local/in-process-client.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';
import { createTables } from '../../lib/local/tables.ts';

const RUN = 'a'.repeat(26);

/** A journal under the SDK's own retries, whose service can lose its answers. */
async function journal() {
  const store = dynalite.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open();
  const serve = serveDynalite(store);
  await createTables(store, serve, TABLE_SPECS);
  let lost = 0;
  let asked = 0;
  const client = inProcessClient(async (operation, input) => {
    if (operation === 'PutItem') asked += 1;
    const answer = await serve(operation, input);
    if (operation !== 'PutItem' || lost === 0) return answer;
    lost -= 1;
    throw new Error('the answer was lost');
  });
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...client, maxAttempts: 3 }));
  return {
    journal: new Journal({ dynamodb, table: TABLES.journal, now: () => new Date() }),
    lose: (answers: number) => {
      lost = answers;
    },
    asked: () => asked,
  };
}

const intent = (owner: string) => ({
  kind: 'intent' as const,
  owner,
  key: 'k',
  digest: 'd',
  deadline: '2026-11-22T10:00:00.000Z',
});

it('F22: a record whose acknowledgement was lost is sent again by the SDK, refused, and known as our own', async () => {
  const { journal: own, lose, asked } = await journal();
  lose(1);
  const put = await own.put(RUN, cancelKey, { kind: 'cancel', who: 'sam' }, []);
  expect(asked()).toBe(2);
  expect(put).toMatchObject({ written: true, record: { body: { who: 'sam' } } });
});

it("F22: somebody else's record is not taken for our own, however the answers are lost", async () => {
  const { journal: own, lose } = await journal();
  await own.put(RUN, cancelKey, { kind: 'cancel', who: 'otto' }, []);
  lose(1);
  const put = await own.put(RUN, cancelKey, { kind: 'cancel', who: 'sam' }, []);
  expect(put).toMatchObject({ written: false, record: { body: { who: 'otto' } } });
});

it('F22: of two intents written in the same millisecond one is the own of one', async () => {
  const { journal: own, lose } = await journal();
  lose(1);
  const puts = await Promise.all(
    ['one', 'other'].map((owner) => own.put(RUN, intentKey('0001.00', 1), intent(owner), [])),
  );
  expect(puts.filter(({ written }) => written)).toHaveLength(1);
  expect(new Set(puts.map(({ record: { body } }) => body.owner)).size).toBe(1);
});
