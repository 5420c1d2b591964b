import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Retryable, Terminal } from '../errors.ts';
import type { Json } from '../json.ts';
import { batchGet } from './batch-get.ts';
import { canonical, fingerprint } from './digest.ts';
import { type Key, type Power, partition } from './keys.ts';
import type { Body, BodyOf, Kind, Stored } from './records.ts';

/** A record as DynamoDB has it: its text is what was hashed. */
export interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly body: string;
  readonly hash: string;
}

/** Bodies without what the journal adds. */
export type NewBody<B extends Body = Body> = B extends Body ? Omit<B, 'v' | 'at' | 'after'> : never;

/** Records of one run, by sort key. Sort keys are unique across a run's partitions. */
export type Records = ReadonlyMap<string, Stored>;

export interface JournalOptions {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly table: string;
  readonly now: () => Date;
  /** Told of every put that was answered. @default nobody */
  readonly onPut?: (put: Put) => void;
}

/** What became of a put: the record that is there now, whether it is ours, and what ours follows from. */
export interface Put {
  readonly runId: string;
  readonly written: boolean;
  readonly record: Stored;
  readonly after: readonly Stored[];
}

/** The place is part of what is hashed, so that a record cannot be moved. */
export const hashOf = (item: Omit<Item, 'hash'>) => fingerprint(`${item.pk}\n${item.sk}\n${item.body}`);

/** @throws Terminal for a record whose text does not have its hash (T24): nothing may be done on its word. */
export function decode(item: Item): Stored {
  if (hashOf(item) !== item.hash) throw new Terminal(`the record ${item.pk} ${item.sk} was changed`);
  return { sk: item.sk, hash: item.hash, body: JSON.parse(item.body) as Body };
}

/** The record at a key, where it is of the kind that belongs there. */
export function record<K extends Kind>(records: Records, key: Key, kind: K): Stored<BodyOf<K>> | undefined {
  const found = records.get(key.sk);
  return found?.body.kind === kind ? (found as Stored<BodyOf<K>>) : undefined;
}

/** The journal: write-once records of runs, in one DynamoDB table. */
export class Journal {
  readonly #options: JournalOptions;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /**
   * Puts a record if there is none at its key, and returns what is there now: what follows acts on that, never on
   * what it meant to write. `written` is true for our own write alone, a repeated one included (F22).
   */
  async put<B extends NewBody>(
    runId: string,
    key: Key,
    body: B,
    after: readonly (Stored | undefined)[],
  ): Promise<{ written: boolean; record: Stored<BodyOf<B['kind']>> }> {
    const put = await this.#put(runId, key, body, after);
    const known = after.filter((stored) => stored !== undefined);
    this.#options.onPut?.({ runId, after: known, ...put });
    return put;
  }

  async #put<B extends NewBody>(
    runId: string,
    key: Key,
    body: B,
    after: readonly (Stored | undefined)[],
  ): Promise<{ written: boolean; record: Stored<BodyOf<B['kind']>> }> {
    const links = Object.fromEntries(after.flatMap((r) => (r ? [[r.sk, r.hash]] : [])));
    const whole = { ...body, v: 1, at: this.#options.now().toISOString(), after: links };
    const text = canonical(whole as unknown as Json);
    const place = { pk: partition(key.power, runId), sk: key.sk, body: text };
    const item: Item = { ...place, hash: hashOf(place) };
    try {
      await this.#options.dynamodb.send(
        new PutCommand({
          TableName: this.#options.table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      // As it would be read: without what JSON leaves out.
      const record = { sk: item.sk, hash: item.hash, body: JSON.parse(text) };
      return { written: true, record: record as Stored<BodyOf<B['kind']>> };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    const found = (await this.get(runId, [key])).get(key.sk);
    if (!found) throw new Retryable(`the record ${key.sk} was refused as present, and is not there`);
    if (found.body.kind !== body.kind)
      throw new Terminal(`the record ${key.sk} is of kind ${found.body.kind}`);
    return { written: found.hash === item.hash, record: found as Stored<BodyOf<B['kind']>> };
  }

  /** The records at these keys, read consistently; at most 100. */
  async get(runId: string, keys: readonly Key[]): Promise<Records> {
    const { dynamodb, table } = this.#options;
    const wanted = keys.map(({ power, sk }) => ({ pk: partition(power, runId), sk }));
    const items = await batchGet<Item>(dynamodb, table, wanted);
    return new Map(items.map((item) => [item.sk, decode(item)]));
  }

  /** All records of one power whose sort key starts with a prefix, read consistently. */
  async list(runId: string, power: Power, prefix = ''): Promise<readonly Stored[]> {
    return (await this.items(runId, power, prefix)).map(decode);
  }

  /** The same, as they are stored: for the audit, which reads what others refuse. */
  async items(runId: string, power: Power, prefix = ''): Promise<readonly Item[]> {
    const items: Item[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.#options.dynamodb.send(
        new QueryCommand({
          TableName: this.#options.table,
          ConsistentRead: true,
          KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :sk)' : 'pk = :pk',
          ExpressionAttributeValues: { ':pk': partition(power, runId), ...(prefix ? { ':sk': prefix } : {}) },
          ...(start ? { ExclusiveStartKey: start } : {}),
        }),
      );
      items.push(...((page.Items ?? []) as Item[]));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  }

  /** Every record of a run: three reads. */
  async whole(runId: string): Promise<Records> {
    const powers: Power[] = ['proposals', 'oversight', 'effects'];
    const parts = await Promise.all(powers.map((power) => this.list(runId, power)));
    return new Map(parts.flat().map((stored) => [stored.sk, stored]));
  }
}
