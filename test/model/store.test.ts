import { describe, expect, test } from 'vitest';
import { Journal } from '../../lambdas/journal/journal.ts';
import { cancelKey, runKey } from '../../lambdas/journal/keys.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { createStore, type StoreFault } from './store.ts';
import { update } from './store-update.ts';

const RUN = 'a'.repeat(26);
const now = () => new Date('2026-01-01T00:00:00Z');

function setUp(faults: readonly (StoreFault | undefined)[] = []) {
  const store = createStore({ fault: (call) => faults[call], written: () => {} });
  const dynamodb = store.client(async () => {});
  return { journal: new Journal({ dynamodb, table: 'j', now }), rows: new Rows({ dynamodb, table: 'r' }) };
}

const cancel = (who: string) => ({ kind: 'cancel' as const, who });

describe('the fake store', () => {
  test('refuses a second record at a key, and what is there stays', async () => {
    const { journal } = setUp();
    expect(await journal.put(RUN, cancelKey, cancel('ann'), [])).toMatchObject({ written: true });
    const second = await journal.put(RUN, cancelKey, cancel('bob'), []);
    expect(second).toMatchObject({ written: false, record: { body: { who: 'ann' } } });
  });

  test('F22: a write whose acknowledgement is lost is refused when it is sent again, and known as our own', async () => {
    const { journal } = setUp(['acknowledgement lost']);
    expect(await journal.put(RUN, cancelKey, cancel('ann'), [])).toMatchObject({ written: true });
  });

  test('F23: a throttled write has written nothing', async () => {
    const { journal } = setUp(['throttled']);
    await expect(journal.put(RUN, cancelKey, cancel('ann'), [])).rejects.toThrow('slow down');
    expect((await journal.get(RUN, [cancelKey, runKey])).size).toBe(0);
  });

  test('changes a row only where there is one', async () => {
    const { rows } = setUp();
    expect(await rows.change('run', RUN, { status: 'failed' })).toBe(false);
    expect(await rows.get('run', RUN)).toBeUndefined();
  });

  test('appends tokens, and lists what is due by then alone', async () => {
    const { rows } = setUp();
    const row = { kind: 'hold', id: 'h', due: 5 } as unknown as Omit<HoldRow, 'tokens'>;
    await rows.addToken(row, 'one');
    expect(await rows.addToken(row, 'two')).toMatchObject({ tokens: ['one', 'two'] });
    expect((await rows.due('hold', 4)).items).toEqual([]);
    expect((await rows.due('hold', 5)).items).toHaveLength(1);
    await rows.change('hold', 'h', { told: 'nobody' });
    await rows.change('hold', 'h', { told: undefined });
    expect(await rows.get('hold', 'h')).not.toHaveProperty('told');
  });

  test('knows no expression that it would have to guess at', () => {
    const item = { pk: 'p', sk: 's' };
    const of = { ExpressionAttributeNames: { '#a': 'a' }, ExpressionAttributeValues: { ':a': 1 } };
    expect(() => update(item, { UpdateExpression: 'ADD #a :a', ...of })).toThrow('does not know');
    expect(() => update(item, { UpdateExpression: 'SET #a = #a + :a', ...of })).toThrow('does not know');
  });
});
