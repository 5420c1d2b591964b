import { describe, expect, it } from 'vitest';
import { hashOf, type Item } from '../../lambdas/journal/journal.ts';
import type { GrantRow, Taken } from '../../lambdas/journal/row-kinds.ts';
import type { Effect } from '../../lambdas/sandbox/ledger.ts';
import { type Evidence, judge } from './judge.ts';
import { LEAD, refund } from './proposals.ts';
import { openWorld } from './world.ts';

/** What is left of a run of one approved refund. */
async function evidence(): Promise<Evidence> {
  let end = async () => {};
  const ends = (how: typeof end) => {
    end = how;
  };
  const world = await openWorld({ turns: [[refund(6000)], 'Done.'], ends });
  const runId = await world.start();
  const hold = await world.hold(runId);
  await world.vote(hold, LEAD, 'approve');
  await world.ended(runId);
  const items: Item[] = [];
  for (const power of ['proposals', 'oversight', 'effects'] as const)
    items.push(...(await world.environment.journal.items(runId, power)));
  const row = await world.environment.rows.get('run', runId);
  const expected = { status: 'finished', effects: 1 };
  const ledger = await world.ledger();
  const counters = await world.environment.rows.list('counter');
  await end();
  return { runId, items, row, holds: [], counters, acks: [], expected, ...ledger };
}

const without = (of: Evidence, sk: RegExp) => ({
  ...of,
  items: of.items.filter((item) => !sk.test(item.sk)),
});

/** With one record rewritten, hash and all, as whoever could write to the table might. */
const rewritten = (of: Evidence, sk: RegExp, change: object) => ({
  ...of,
  items: of.items.map((item) => {
    if (!sk.test(item.sk)) return item;
    const place = { pk: item.pk, sk: item.sk, body: JSON.stringify({ ...JSON.parse(item.body), ...change }) };
    return { ...place, hash: hashOf(place) };
  }),
});

/** With other takings in the sum of the payee. */
const taking = (of: Evidence, change: (taken: readonly Taken[]) => readonly Taken[]): Evidence => ({
  ...of,
  counters: (of.counters ?? []).map((counter) => ({ ...counter, taken: change(counter.taken) })),
});

describe('the judge', async () => {
  const clean = await evidence();
  const effect = clean.effects[0] as Effect;
  const wrong = (of: Evidence) => {
    const { duplicates, lost, unauthorised } = judge(of);
    return [
      ...(duplicates.length > 0 ? ['duplicates'] : []),
      ...(lost.length > 0 ? ['lost'] : []),
      ...(unauthorised.length > 0 ? ['unauthorised'] : []),
    ];
  };

  it('finds nothing wrong with a run that went well', () => {
    expect(judge(clean)).toEqual({
      outcome: 'finished, 1 effects',
      duplicates: [],
      lost: [],
      unauthorised: [],
      inDoubt: 0,
    });
  });

  it.each<[string, string, () => Evidence]>([
    [
      'an effect that happened twice',
      'duplicates',
      () => ({ ...clean, effects: [effect, { ...effect, id: 'x' }] }),
    ],
    ['more calls than tries', 'duplicates', () => ({ ...clean, attempts: [effect, effect] })],
    ['an effect that did not happen', 'lost', () => ({ ...clean, effects: [] })],
    ['a run without its end', 'lost', () => without(clean, /^turn#0002$/)],
    ['a run without a result', 'lost', () => without(clean, /#result$/)],
    [
      'an acknowledged run that is not there',
      'lost',
      () => ({ ...clean, items: [], effects: [], acks: started }),
    ],
    ['a row that still waits', 'lost', () => ({ ...clean, row: { ...clean.row, due: 1 } as never })],
    ['a hold that is still in the inbox', 'lost', () => ({ ...clean, holds: [{ id: 'h' }] as never })],
    ['a rejection that was acknowledged', 'lost', () => ({ ...clean, acks: rejected })],
    [
      'a record that was changed',
      'lost',
      () => rewritten(clean, /#result$/, { outcome: 'succeeded', value: 1 }),
    ],
    ['an effect without an intent', 'unauthorised', () => without(clean, /#intent$/)],
    ['an effect without a settlement', 'unauthorised', () => without(clean, /#settled$/)],
    ['an effect without a vote', 'unauthorised', () => without(clean, /#vote#/)],
    [
      'an effect before its approval',
      'unauthorised',
      () => rewritten(clean, /#settled$/, { at: '2999-01-01T00:00:00.000Z' }),
    ],
    [
      'a vote after the expiry',
      'unauthorised',
      () => rewritten(clean, /#vote#/, { at: '2999-01-01T00:00:00.000Z' }),
    ],
    ['a vote on something else', 'unauthorised', () => rewritten(clean, /#vote#/, { digest: 'other' })],
    ['a vote of who may not', 'unauthorised', () => rewritten(clean, /#hold#0$/, { excluded: [LEAD] })],
    [
      'other arguments',
      'unauthorised',
      () => ({ ...clean, effects: [{ ...effect, args: { ...effect.args, amountMinor: 1 } }] }),
    ],
    [
      'an effect of no action',
      'unauthorised',
      () => ({ ...clean, effects: [{ ...effect, key: `${clean.runId}.0009.00.x` }] }),
    ],
    [
      'an effect after the cancellation',
      'unauthorised',
      () => ({ ...clean, acks: [{ as: 'cancelled', at: '2000-01-01T00:00:00.000Z' }] }),
    ],
    [
      'an effect while a brake was on',
      'unauthorised',
      () => ({ ...clean, acks: [{ as: 'braked', at: '2000-01-01T00:00:00.000Z' }] }),
    ],
    ['an effect of a test', 'unauthorised', () => rewritten(clean, /^run$/, { canary: true })],
    ['an effect that took nothing of its sum', 'unauthorised', () => taking(clean, () => [])],
    ['an effect that took twice', 'duplicates', () => taking(clean, (taken) => [...taken, ...taken])],
    [
      'an effect that took another amount',
      'duplicates',
      () => taking(clean, (taken) => taken.map((one) => ({ ...one, amountMinor: 1 }))),
    ],
    [
      'what was taken for nothing',
      'lost',
      () => taking(clean, (taken) => [...taken, { ...(taken[0] as Taken), key: `${clean.runId}.0009.00` }]),
    ],
    ['a grant that was used too often', 'duplicates', () => ({ ...clean, ...usedTooOften })],
  ])('finds %s', (_, kind, of) => {
    expect(wrong(of())).toContain(kind);
  });

  const started = [{ as: 'started' as const, at: '', runId: clean.runId }];
  const rejected = [
    { as: 'voted' as const, at: '', holdId: `${clean.runId}.0001.00.0`, decision: 'reject' as const },
  ];
  const used = ['another.0001.00', 'third.0001.00'].map((key) => ({ key, at: '', amountMinor: 0, count: 1 }));
  const usedTooOften = {
    grants: [{ id: 'g', uses: 1 } as GrantRow],
    counters: [
      ...(clean.counters ?? []),
      { kind: 'counter' as const, id: 'grant#g', version: 2, taken: used },
    ],
  };
});
