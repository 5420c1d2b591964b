import { ROWS_INDICES } from '../../lambdas/journal/rows.ts';
import type { TableSpec } from './tables.ts';

/** Names of the local tables; the same records and rows as on AWS. */
export const TABLES = { journal: 'journal', rows: 'rows', customers: 'customers' } as const;

const key = (name: string, type: 'HASH' | 'RANGE') => ({ AttributeName: name, KeyType: type });
const string = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });

export const TABLE_SPECS: readonly TableSpec[] = [
  {
    TableName: TABLES.journal,
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: [string('pk'), string('sk')],
  },
  {
    TableName: TABLES.rows,
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: [
      string('pk'),
      string('sk'),
      ...ROWS_INDICES.map(({ sort, type }) => ({ AttributeName: sort, AttributeType: type })),
    ],
    GlobalSecondaryIndexes: ROWS_INDICES.map(({ name, sort }) => ({
      IndexName: name,
      KeySchema: [key('pk', 'HASH'), key(sort, 'RANGE')],
      Projection: { ProjectionType: 'ALL' },
    })),
  },
  {
    TableName: TABLES.customers,
    KeySchema: [key('pk', 'HASH')],
    AttributeDefinitions: [string('pk')],
  },
];
