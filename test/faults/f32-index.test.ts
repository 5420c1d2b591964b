import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite/db/index.js';
import { expect, it } from 'vitest';
import type { RunRow } from '../../lambdas/journal/row-kinds.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { serveDynalite } from '../../lib/local/dynalite-operations.ts';
import { inProcessClient } from '../../lib/local/in-process-client.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';
import { createTables } from '../../lib/local/tables.ts';

const run: RunRow = {
  kind: 'run',
  id: 'a',
  at: '2026-11-22T10:00:00.000Z',
  agent: 'support',
  requester: 'sam',
  input: '',
  status: 'running',
  due: 1,
};

/** Rows over a database whose every write to the disk is told of first. */
async function watched(onWrite: (keys: readonly string[]) => Error | undefined) {
  const store = dynalite.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open();
  const serve = serveDynalite(store);
  await createTables(store, serve, TABLE_SPECS);
  const { db } = store as unknown as { db: Record<'put' | 'del' | 'batch', (...args: never[]) => unknown> };
  for (const name of ['put', 'del', 'batch'] as const) {
    const original = db[name];
    db[name] = (...args: unknown[]) => {
      const failed = onWrite(
        name === 'batch' ? (args[0] as { key: string }[]).map(({ key }) => key) : [String(args[0])],
      );
      if (failed) return (args.at(-1) as (error: Error) => void)(failed);
      return original.apply(db, args as never[]);
    };
  }
  const client = new DynamoDBClient({ ...inProcessClient(serve), maxAttempts: 1 });
  return new Rows({ dynamodb: DynamoDBDocumentClient.from(client), table: TABLES.rows });
}

it('F32: a row and its entries in the indices reach the disk together, so that no kill leaves a run that no index lists', async () => {
  const writes: (readonly string[])[] = [];
  const rows = await watched((keys) => {
    // A table's own description is written some time after it was created.
    if (!keys[0]?.startsWith('table~')) writes.push(keys);
    return undefined;
  });
  const changes: [string, () => Promise<unknown>, string[]][] = [
    ['put', () => rows.put(run), ['by-due', 'by-at', 'item-']],
    ['change', () => rows.change('run', 'a', { due: 2 }), ['by-due', 'by-due', 'by-at', 'item-']],
    ['end', () => rows.change('run', 'a', { due: undefined }), ['by-due', 'by-at', 'item-']],
    ['delete', () => rows.delete('run', 'a'), ['by-at', 'item-']],
  ];
  for (const [name, change, parts] of changes) {
    writes.length = 0;
    await change();
    expect(writes, name).toHaveLength(1);
    expect(writes[0]?.length, name).toBe(parts.length);
    for (const part of parts)
      expect(
        writes[0]?.some((key) => key.includes(part)),
        name,
      ).toBe(true);
  }
});

it('F32: a write that fails changes neither the row nor what the index lists', async () => {
  let failing = false;
  const rows = await watched(() => (failing ? new Error('disk full') : undefined));
  await rows.put(run);
  failing = true;
  await expect(rows.change('run', 'a', { due: 2 })).rejects.toThrow('disk full');
  failing = false;
  expect((await rows.due('run')).items).toEqual([expect.objectContaining({ id: 'a', due: 1 })]);
  expect(await rows.get('run', 'a')).toMatchObject({ due: 1 });
  await rows.change('run', 'a', { due: 3 });
  expect((await rows.due('run')).items).toEqual([expect.objectContaining({ id: 'a', due: 3 })]);
});
