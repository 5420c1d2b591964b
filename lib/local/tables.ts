import { promisify } from 'node:util';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { Store } from 'dynalite/db/index.js';
import type { Serve } from './in-process-client.ts';
import { ServiceError } from './service-error.ts';

/** A table as a deployment declares it; always on demand. */
export type TableSpec = Pick<CreateTableCommandInput, 'KeySchema' | 'AttributeDefinitions'> &
  Pick<CreateTableCommandInput, 'GlobalSecondaryIndexes'> & { readonly TableName: string };

/** How dynalite keeps a table. */
interface Table {
  readonly TableStatus: string;
  readonly GlobalSecondaryIndexes?: readonly object[];
}

/** Creates the tables that are not there yet, ready for use. Existing ones stay as they are. */
export async function createTables(store: Store, serve: Serve, tables: readonly TableSpec[]): Promise<void> {
  await Promise.all(
    tables.map(async (spec) => {
      const table = (await describe(serve, spec)) ?? (await create(serve, spec));
      // New, or left over from a process that was killed while it created the table.
      if (table.TableStatus === 'CREATING') await activate(store, spec.TableName, table);
    }),
  );
}

async function describe(serve: Serve, { TableName }: TableSpec): Promise<Table | undefined> {
  try {
    return ((await serve('DescribeTable', { TableName })) as { Table: Table }).Table;
  } catch (error) {
    if (error instanceof ServiceError && error.name.endsWith('#ResourceNotFoundException')) return undefined;
    throw error;
  }
}

async function create(serve: Serve, spec: TableSpec): Promise<Table> {
  const created = await serve('CreateTable', { ...spec, BillingMode: 'PAY_PER_REQUEST' });
  return (created as { TableDescription: Table }).TableDescription;
}

/** What dynalite does on a timer, and never if its process ends first. */
const activate = (store: Store, name: string, table: Table) =>
  promisify(store.tableDb.put)(name, {
    ...table,
    TableStatus: 'ACTIVE',
    ...(table.GlobalSecondaryIndexes && {
      GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map((index) => ({
        ...index,
        IndexStatus: 'ACTIVE',
      })),
    }),
  });
