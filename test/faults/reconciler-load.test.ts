import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonical } from '../../lambdas/journal/digest.ts';
import { hashOf, Journal } from '../../lambdas/journal/journal.ts';
import {
  execKey,
  holdId,
  holdKey,
  type Key,
  parseHoldId,
  partition,
  runKey,
} from '../../lambdas/journal/keys.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import { type ReconcileDeps, reconcile } from '../../lambdas/reconcile/reconcile.ts';
import { createDynamoDB, type DynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';

const COUNT = 10_000;
const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const HOUR = 3_600_000;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** The nth open hold; all have the same times, and are due from an hour from now, one each second. */
const addressOf = (n: number) => ({
  runId: `${n}`.padStart(26, 'a'),
  actionId: '0001.00',
  hold: 0,
});
const idOf = (n: number) => holdId(addressOf(n));
const dueOf = (n: number) => NOW + HOUR + n * 1_000;

const rowOf = (n: number): HoldRow =>
  ({
    kind: 'hold',
    id: idOf(n),
    runId: addressOf(n).runId,
    expiresAt: iso(NOW + 24 * HOUR),
    due: dueOf(n),
    told: 'opened',
    opener: 'p',
    tokens: ['t'],
  }) as Partial<HoldRow> as HoldRow;

function recordOf(n: number) {
  const { runId, actionId, hold } = addressOf(n);
  return itemOf(runId, holdKey(actionId, hold), {
    kind: 'hold',
    at: iso(NOW - HOUR),
    asks: 'approval',
    groups: [],
    quorum: 1,
    distinctGroups: 1,
    digest: 'd',
    remindAt: iso(NOW + 12 * HOUR),
    expiresAt: iso(NOW + 24 * HOUR),
  });
}

function itemOf(runId: string, key: Key, body: JsonObject) {
  const place = { pk: partition(key.power, runId), sk: key.sk, body: canonical(body) };
  return { ...place, hash: hashOf(place) };
}

describe('the reconciler, with 10,000 holds open', () => {
  let database: DynamoDB;
  let dynamodb: DynamoDBDocumentClient;
  let rows: Rows;
  beforeAll(async () => {
    database = await createDynamoDB();
    await database.createTables(TABLE_SPECS);
    dynamodb = DynamoDBDocumentClient.from(database.client());
    rows = new Rows({ dynamodb, table: TABLES.rows });
    const all = Array.from({ length: COUNT }, (_, n) => n);
    await putAll(TABLES.journal, all.map(recordOf));
    await putAll(
      TABLES.rows,
      all.map(rowOf).map((row) => ({ pk: row.kind, sk: row.id, ...row })),
    );
  }, 60_000);
  afterAll(() => database.close());

  async function putAll(table: string, items: readonly object[]) {
    for (let from = 0; from < items.length; from += 25) {
      const puts = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
      await dynamodb.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
    }
  }

  let clock = NOW;
  let looked: number[] = [];
  let asked: number[] = [];
  let alarms: string[] = [];
  /** Holds that cannot be read, and how. */
  let poison = new Map<number, () => Promise<never>>();
  beforeEach(() => {
    looked = [];
    asked = [];
    alarms = [];
    poison = new Map();
  });
  const deps = (): ReconcileDeps => {
    const journal = new Journal({ dynamodb, table: TABLES.journal, now: () => new Date(clock) });
    const list = journal.list.bind(journal);
    journal.list = async (runId, power, prefix) => {
      const n = Number(runId.replace(/^[ab]+/, ''));
      looked.push(n);
      return poison.get(n)?.() ?? list(runId, power, prefix);
    };
    const counted = new Rows({ dynamodb, table: TABLES.rows });
    const due = counted.due.bind(counted);
    counted.due = async (kind, by, options) => {
      const page = await due(kind, by, options);
      asked.push(page.items.length);
      return page;
    };
    return {
      journal,
      rows: counted,
      workflow: { start: async () => {}, status: async () => 'running', deliver: async () => 'stale' },
      notify: async () => {},
      report: onAlarm((what) => alarms.push(what)),
      isGone: () => false,
      now: () => new Date(clock),
    };
  };
  /** Of a pass in which so many rows can be begun; those who walk the runs, of which there are none, ask too. */
  const roomFor = (begun: number) => {
    let left = begun + 16;
    return () => (left-- > 0 ? 1_000_000 : 0);
  };

  it('looks at nothing where nothing is due: two questions, and that is all', async () => {
    expect(await reconcile(deps())).toMatchObject({ runs: 0, holds: 0, failed: 0, lagSeconds: 0 });
    expect(asked).toEqual([0, 0]);
    expect(looked).toEqual([]);
  });

  it('comes to each that is due once, page by page, though its work moves them within the index that lists them', async () => {
    clock = dueOf(299);
    const done = await reconcile(deps());
    expect(done).toMatchObject({ holds: 300, failed: 0, cutShort: 0 });
    expect(new Set(looked).size).toBe(300);
    expect(looked).toHaveLength(300);
    expect(Math.max(...asked)).toBeLessThanOrEqual(100);
    expect(await reconcile(deps())).toMatchObject({ holds: 0 });
    expect(await rows.get('hold', idOf(0))).toMatchObject({ due: NOW + 12 * HOUR });
  });

  it('ends in time, says so, and begins the next pass with what it had not come to', async () => {
    clock = dueOf(399);
    const first = await reconcile(deps(), { leftMs: roomFor(60) });
    expect(first).toMatchObject({ cutShort: 1, failed: 0 });
    expect(first.holds).toBeGreaterThan(0);
    expect(first.holds).toBeLessThanOrEqual(60);
    expect(first.lagSeconds).toBe(99);
    const reached = new Set(looked);
    expect([...reached].every((n) => n < 300 + first.holds)).toBe(true);
    looked = [];
    const second = await reconcile(deps(), { leftMs: roomFor(20) });
    expect(second.holds).toBeGreaterThan(0);
    expect(looked.some((n) => reached.has(n))).toBe(false);
    await reconcile(deps());
  });

  it('puts off those that fail or hang behind all others, names each, and comes again', async () => {
    clock = dueOf(599);
    for (let n = 400; n < 430; n++)
      poison.set(n, async () => {
        throw new Error('cannot be read');
      });
    poison.set(430, () => new Promise(() => {}));
    const first = await reconcile(deps(), { leftMs: roomFor(40), rowMs: 50 });
    expect(first).toMatchObject({ failed: 31, cutShort: 1 });
    expect(alarms).toHaveLength(31);
    expect(alarms).toContainEqual(expect.stringContaining(`could not reconcile: hold ${idOf(400)}`));
    looked = [];
    // They were the oldest, and nobody waits for them now.
    expect(await reconcile(deps(), { leftMs: roomFor(400) })).toMatchObject({ failed: 0 });
    expect(Math.min(...looked)).toBeGreaterThan(430);
    expect(looked).toContain(599);
    clock += 31_000;
    poison.clear();
    looked = [];
    expect(await reconcile(deps())).toMatchObject({ failed: 0 });
    expect(looked).toEqual(expect.arrayContaining(Array.from({ length: 31 }, (_, n) => 400 + n)));
  });

  it('after a restart, looks at every unfinished run once, though each is put off to where the walk has yet to come', async () => {
    clock = NOW;
    const ids = Array.from({ length: 250 }, (_, n) => `${n}`.padStart(26, 'b'));
    const at = iso(NOW - 60_000);
    await putAll(
      TABLES.journal,
      ids.flatMap((runId) => [
        itemOf(runId, runKey, { kind: 'run', runId, at }),
        itemOf(runId, execKey(1), { kind: 'exec', exec: 1, why: 'first', at }),
      ]),
    );
    await putAll(
      TABLES.rows,
      ids.map((id, n) => ({ pk: 'run', sk: id, kind: 'run', id, at, status: 'running', due: NOW + n })),
    );
    expect(await reconcile(deps(), { allRuns: true })).toMatchObject({ runs: 250, holds: 0, failed: 0 });
    expect(await rows.get('run', ids[0] ?? '')).toMatchObject({ due: NOW + 5 * 60_000 });
    await Promise.all(ids.map((id) => rows.delete('run', id)));
  });

  it('run twice at once, sends each reminder once', async () => {
    clock = NOW + 12 * HOUR;
    const told: string[] = [];
    const both = deps();
    const notify: ReconcileDeps['notify'] = async (tellings) => {
      for (const { about, at } of tellings) told.push(`${about} ${holdId(at)}`);
    };
    const passes = await Promise.all(
      [1, 2].map(() => reconcile({ ...both, notify }, { leftMs: roomFor(400) })),
    );
    const sent = passes.reduce((sum, { reminded }) => sum + reminded, 0);
    expect(told).toHaveLength(sent);
    expect(new Set(told).size).toBe(sent);
    expect(told.every((what) => parseHoldId(what.split(' ')[1] ?? '') !== undefined)).toBe(true);
  });
});
