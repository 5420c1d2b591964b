import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { batchGet } from './batch-get.ts';
import type { ApproverRow, BudgetRow, CounterRow, HoldRow, Row, RunRow } from './row-kinds.ts';

type RowOf<K extends Row['kind']> = Extract<Row, { kind: K }>;

export interface Page<R> {
  readonly items: readonly R[];
  readonly next?: string;
}

const BY_DUE = 'by-due';
const BY_AT = 'by-at';

/** Layout of the table, for the stack and for the local one. */
export const ROWS_INDICES = [
  { name: BY_DUE, sort: 'due', type: 'N' },
  { name: BY_AT, sort: 'at', type: 'S' },
] as const;

/** Fields of a hold's row that a later token leaves as they are. */
const OF_THE_FIRST: readonly string[] = ['due', 'told', 'opener'] satisfies (keyof HoldRow)[];

export class Rows {
  readonly #dynamodb: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(options: { readonly dynamodb: DynamoDBDocumentClient; readonly table: string }) {
    this.#dynamodb = options.dynamodb;
    this.#table = options.table;
  }

  async put(row: Row): Promise<void> {
    await this.#dynamodb.send(
      new PutCommand({ TableName: this.#table, Item: { pk: row.kind, sk: row.id, ...row } }),
    );
  }

  /** Puts a row where there is none; says whether there was none. */
  async putNew(row: Row): Promise<boolean> {
    const Item = { pk: row.kind, sk: row.id, ...row };
    const ConditionExpression = 'attribute_not_exists(pk)';
    return held(this.#dynamodb.send(new PutCommand({ TableName: this.#table, Item, ConditionExpression })));
  }

  /** Puts the next version of a row, if it is the next one still; says whether it was. */
  async putNext(row: CounterRow | BudgetRow | ApproverRow): Promise<boolean> {
    const first = row.version === 1;
    const command = new PutCommand({
      TableName: this.#table,
      Item: { pk: row.kind, sk: row.id, ...row },
      ConditionExpression: first ? 'attribute_not_exists(pk)' : '#version = :before',
      ...(first
        ? {}
        : {
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':before': row.version - 1 },
          }),
    });
    return held(this.#dynamodb.send(command));
  }

  /** Deletes a row if these fields of it are still the same; says whether they were. */
  async deleteIf<K extends Row['kind']>(kind: K, id: string, same: Partial<RowOf<K>>): Promise<boolean> {
    const fields = Object.entries(same);
    const command = new DeleteCommand({
      TableName: this.#table,
      Key: { pk: kind, sk: id },
      ConditionExpression: fields.map(([name]) => `#${name} = :${name}`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
    });
    return held(this.#dynamodb.send(command));
  }

  async get<K extends Row['kind']>(kind: K, id: string): Promise<RowOf<K> | undefined> {
    const key = { TableName: this.#table, Key: { pk: kind, sk: id }, ConsistentRead: true };
    return (await this.#dynamodb.send(new GetCommand(key))).Item as RowOf<K> | undefined;
  }

  /** The rows among these that are there, read consistently in one request. */
  getAll<K extends Row['kind']>(kind: K, ids: readonly string[]): Promise<readonly RowOf<K>[]> {
    return batchGet(
      this.#dynamodb,
      this.#table,
      ids.map((id) => ({ pk: kind, sk: id })),
    );
  }

  async delete(kind: Row['kind'], id: string): Promise<void> {
    await this.#dynamodb.send(new DeleteCommand({ TableName: this.#table, Key: { pk: kind, sk: id } }));
  }

  /**
   * Changes a row that is there; says whether it was. `undefined` takes a field away. Given `was`, only while it is due
   * then: nobody has begun to change it meanwhile.
   */
  async change<K extends Row['kind']>(
    kind: K,
    id: string,
    fields: { readonly [F in keyof RowOf<K>]?: RowOf<K>[F] | undefined },
    was?: number,
  ): Promise<boolean> {
    const names = Object.keys(fields);
    const set = names.filter((name) => fields[name as keyof typeof fields] !== undefined);
    const gone = names.filter((name) => !set.includes(name));
    const values = set.map((name): [string, unknown] => [`:${name}`, fields[name as keyof typeof fields]]);
    if (was !== undefined) values.push([':was', was]);
    const update = [
      set.length > 0 ? `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}` : '',
      gone.length > 0 ? `REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '',
    ].join(' ');
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: { pk: kind, sk: id },
      UpdateExpression: update.trim(),
      ConditionExpression: was === undefined ? 'attribute_exists(pk)' : 'due = :was',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...(values.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(values) } : {}),
    });
    return held(this.#dynamodb.send(command));
  }

  /**
   * Adds a token to a hold's row, which is made where there is none: the first write of a hold. A row that is there
   * stays due when it was, since somebody may be in the middle of settling it, and remembers whom it has told.
   */
  async addToken(row: Omit<HoldRow, 'tokens'>, token: string): Promise<HoldRow> {
    const fields = Object.entries(row);
    const value = (name: string) =>
      OF_THE_FIRST.includes(name) ? `if_not_exists(#${name}, :${name})` : `:${name}`;
    const answer = await this.#dynamodb.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: { pk: row.kind, sk: row.id },
        UpdateExpression: `SET ${fields.map(([name]) => `#${name} = ${value(name)}`).join(', ')}, #tokens = list_append(if_not_exists(#tokens, :none), :token)`,
        ExpressionAttributeNames: Object.fromEntries([
          ...fields.map(([name]) => [`#${name}`, name]),
          ['#tokens', 'tokens'],
        ]),
        ExpressionAttributeValues: {
          ...Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
          ':none': [],
          ':token': [token],
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return answer.Attributes as HoldRow;
  }

  /** Rows that are due by a moment, earliest first; all rows of a kind with a due where none is given. */
  due<K extends 'run' | 'hold'>(
    kind: K,
    by?: number,
    options: { limit?: number; next?: string } = {},
  ): Promise<Page<RowOf<K>>> {
    return this.#page(kind, BY_DUE, { ...options, ...(by === undefined ? {} : { by }) });
  }

  /** Of every open hold what is measured of it: little is carried, though as much is read as of whole rows. */
  async openHolds(): Promise<readonly Pick<HoldRow, 'openedAt' | 'asks'>[]> {
    const items: HoldRow[] = [];
    let next: string | undefined;
    do {
      const fields = ['openedAt', 'asks'];
      const page = await this.#page('hold', BY_DUE, { limit: 1000, fields, ...(next ? { next } : {}) });
      items.push(...page.items);
      next = page.next;
    } while (next !== undefined);
    return items;
  }

  /** Runs, newest first. */
  newest(options: { limit?: number; next?: string } = {}): Promise<Page<RunRow>> {
    return this.#page('run', BY_AT, { ...options, backward: true });
  }

  /** Rows of a kind by id, such as all brakes, or the open holds of one run. */
  async list<K extends Row['kind']>(kind: K, prefix = ''): Promise<readonly RowOf<K>[]> {
    const items: RowOf<K>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.#dynamodb.send(
        new QueryCommand({
          TableName: this.#table,
          ConsistentRead: true,
          KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :sk)' : 'pk = :pk',
          ExpressionAttributeValues: { ':pk': kind, ...(prefix ? { ':sk': prefix } : {}) },
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      items.push(...((page.Items ?? []) as RowOf<K>[]));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }

  async #page<K extends Row['kind']>(
    kind: K,
    index: string,
    options: {
      by?: number;
      limit?: number;
      next?: string;
      backward?: boolean;
      fields?: readonly string[];
    },
  ): Promise<Page<RowOf<K>>> {
    const page = await this.#dynamodb.send(
      new QueryCommand({
        TableName: this.#table,
        IndexName: index,
        KeyConditionExpression: options.by === undefined ? 'pk = :pk' : 'pk = :pk AND due <= :by',
        ExpressionAttributeValues: {
          ':pk': kind,
          ...(options.by === undefined ? {} : { ':by': options.by }),
        },
        ...(options.fields && {
          ProjectionExpression: options.fields.map((name) => `#${name}`).join(', '),
          ExpressionAttributeNames: Object.fromEntries(options.fields.map((name) => [`#${name}`, name])),
        }),
        ScanIndexForward: !options.backward,
        Limit: options.limit ?? 100,
        ...(options.next ? { ExclusiveStartKey: decodeCursor(options.next) } : {}),
      }),
    );
    const items = (page.Items ?? []) as RowOf<K>[];
    return page.LastEvaluatedKey ? { items, next: encodeCursor(page.LastEvaluatedKey) } : { items };
  }
}

/** Whether a write's condition held. */
const held = (write: Promise<unknown>): Promise<boolean> =>
  write.then(
    () => true,
    (error) => {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    },
  );

const encodeCursor = (key: Record<string, unknown>) => Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws SyntaxError for a cursor that is not one of ours. */
function decodeCursor(cursor: string): Record<string, unknown> {
  const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  if (typeof key !== 'object' || key === null) throw new SyntaxError('not a cursor');
  return key as Record<string, unknown>;
}
