import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../lambdas/journal/journal.ts';
import { brakeKey } from '../../lambdas/journal/keys.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { brakeOn } from '../../lambdas/oversight/brakes.ts';
import { brakings, liftBrake, setBrake } from '../../lambdas/oversight/standing.ts';
import { createDynamoDB, type DynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';

let database: DynamoDB;
let dynamodb: DynamoDBDocumentClient;
beforeAll(async () => {
  database = await createDynamoDB();
  await database.createTables(TABLE_SPECS);
  dynamodb = DynamoDBDocumentClient.from(database.client());
});
afterAll(() => database.close());

/** The store, dead from the n-th write on. */
function dyingAt(write: number) {
  let writes = 0;
  const client = new Proxy(dynamodb, {
    get: (of, member) =>
      member !== 'send'
        ? Reflect.get(of, member, of)
        : async (command: never) => {
            const { name } = (command as object).constructor;
            if (/^(Put|Update|Delete)/.test(name) && writes++ >= write) throw new Error('dead');
            return of.send(command);
          },
  });
  return depsOf(client);
}

const depsOf = (client: DynamoDBDocumentClient) => {
  const now = () => new Date();
  return {
    now,
    journal: new Journal({ dynamodb: client, table: TABLES.journal, now }),
    rows: new Rows({ dynamodb: client, table: TABLES.rows }),
  };
};

const on = (tool: string) =>
  brakeOn(depsOf(dynamodb).rows, { runId: 'r', agent: 'a', tool }).then((brake) => brake?.id);
const told = async (scope: string) =>
  (await brakings(depsOf(dynamodb).journal, scope)).map(({ set, lifted }) => [
    set.body.who,
    set.body.reason,
    lifted?.body.who,
  ]);

describe('T30: brakes stand in records', () => {
  it('who set it, why, and who lifted it can be told, as often as it happened', async () => {
    const deps = depsOf(dynamodb);
    await setBrake(deps, { id: 'tool:one', who: 'otto', reason: 'odd refunds' });
    expect(await on('one')).toBe('tool:one');
    expect(await liftBrake(deps, 'tool:one', 'olivia')).toBe(true);
    expect(await on('one')).toBeUndefined();
    await setBrake(deps, { id: 'tool:one', who: 'otto', reason: 'again' });
    expect(await told('tool:one')).toEqual([
      ['otto', 'odd refunds', 'olivia'],
      ['otto', 'again', undefined],
    ]);
  });

  it('each record follows from the one before it', async () => {
    const { journal } = depsOf(dynamodb);
    const [first, second] = await brakings(journal, 'tool:one');
    expect(first?.set.body.after).toEqual({});
    expect(first?.lifted?.body.after).toEqual({ [brakeKey(1, 'set').sk]: first?.set.hash });
    expect(second?.set.body.after).toEqual({ [brakeKey(1, 'lifted').sk]: first?.lifted?.hash });
  });

  it('setting it twice with one reason is one record; another reason is another', async () => {
    const deps = depsOf(dynamodb);
    const set = (reason: string) => setBrake(deps, { id: 'tool:two', who: 'otto', reason });
    await set('x');
    await set('x');
    expect(await told('tool:two')).toHaveLength(1);
    await set('y');
    expect(await told('tool:two')).toHaveLength(2);
    await liftBrake(deps, 'tool:two', 'otto');
    expect(await on('two')).toBeUndefined();
  });

  it('lifting what is not on records nothing', async () => {
    expect(await liftBrake(depsOf(dynamodb), 'tool:none', 'otto')).toBe(false);
    expect(await told('tool:none')).toEqual([]);
  });

  it('a crash while it is set leaves it on, and its lifting tells who had set it', async () => {
    const dying = setBrake(dyingAt(1), { id: 'tool:three', who: 'otto', reason: 'cut short' });
    await expect(dying).rejects.toThrow('dead');
    expect(await on('three')).toBe('tool:three');
    await liftBrake(depsOf(dynamodb), 'tool:three', 'olivia');
    expect(await told('tool:three')).toEqual([['otto', 'cut short', 'olivia']]);
    expect(await on('three')).toBeUndefined();
  });

  it('a crash while it is lifted leaves it on, and lifting it again takes it off', async () => {
    await setBrake(depsOf(dynamodb), { id: 'tool:four', who: 'otto', reason: 'why' });
    await expect(liftBrake(dyingAt(1), 'tool:four', 'olivia')).rejects.toThrow('dead');
    expect(await on('four')).toBe('tool:four');
    expect(await liftBrake(depsOf(dynamodb), 'tool:four', 'otto')).toBe(true);
    expect(await on('four')).toBeUndefined();
  });

  it('a brake that somebody sets while another is lifted stays on', async () => {
    const deps = depsOf(dynamodb);
    await setBrake(deps, { id: 'tool:five', who: 'otto', reason: 'first' });
    const racing = {
      ...deps,
      journal: new Proxy(deps.journal, {
        get: (of, member) =>
          member !== 'put'
            ? Reflect.get(of, member, of).bind(of)
            : async (...args: Parameters<Journal['put']>) => {
                const put = await of.put(...args);
                await setBrake(deps, { id: 'tool:five', who: 'olivia', reason: 'second' });
                return put;
              },
      }) as Journal,
    };
    expect(await liftBrake(racing, 'tool:five', 'otto')).toBe(false);
    expect(await on('five')).toBe('tool:five');
    expect(await told('tool:five')).toEqual([
      ['otto', 'first', 'otto'],
      ['olivia', 'second', undefined],
    ]);
  });

  it('brakes that are set at once are numbered apart', async () => {
    const deps = depsOf(dynamodb);
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => setBrake(deps, { id: 'tool:six', who: `p${n}`, reason: 'now' })),
    );
    const all = await told('tool:six');
    expect(new Set(all.map(([who]) => who)).size).toBe(8);
  });
});
