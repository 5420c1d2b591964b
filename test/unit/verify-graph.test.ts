import { describe, expect, test } from 'vitest';
import { canonical } from '../../lambdas/journal/digest.ts';
import { hashOf, type Item } from '../../lambdas/journal/journal.ts';
import {
  cancelKey,
  execKey,
  failedKey,
  holdKey,
  intentKey,
  outcomeKey,
  partition,
  resultKey,
  runKey,
  settledKey,
  turnKey,
  voteKey,
} from '../../lambdas/journal/keys.ts';
import { verify } from '../../lambdas/journal/verify.ts';
import type { Json } from '../../lambdas/json.ts';
import {
  action,
  hold,
  intent,
  RUN_ID,
  run,
  settled,
  turn,
  vote,
  WrittenRun,
} from '../support/written-run.ts';

const ID = '0001.00';
const check = (items: readonly Item[], endedAs: 'finished' | 'failed' | undefined = 'finished') =>
  verify(items, { runId: RUN_ID, endedAs });
const unfinished = (items: readonly Item[]) => verify(items, { runId: RUN_ID });

/** A finished run: a held action that two people voted on, one of them too late to count, and an allowed one. */
function finished() {
  const written = new WrittenRun();
  const first = written.put(runKey, run, []);
  const exec = written.put(execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [first]);
  written.put(execKey(2), { kind: 'exec', exec: 2, why: 'restarted' }, [exec]);
  const one = written.put(turnKey(1), turn(1, [action('hold'), action('allow', 'b')]), [first]);
  const opened = written.put(holdKey(ID, 0), hold(), [one]);
  const approve = written.put(voteKey(ID, 0, 'lena'), vote('lena', 'approve'), [opened]);
  const outcome = written.put(settledKey(ID, 0), settled('approved', [approve]), [opened, approve]);
  written.put(voteKey(ID, 0, 'leo'), vote('leo', 'reject'), [opened]);
  const try1 = written.put(intentKey(ID, 1), intent(written.now(20)), [outcome]);
  const nothing = {
    kind: 'outcome' as const,
    owner: 'o:1',
    outcome: 'nothing happened' as const,
    detail: '429',
  };
  const told = written.put(outcomeKey(ID, 1), nothing, [try1]);
  const try2 = written.put(intentKey(ID, 2), intent(written.now(20)), [told, outcome]);
  const done = written.put(resultKey(ID), { kind: 'result', outcome: 'succeeded', value: 1 }, [try2]);
  const other = written.put(resultKey('0001.01'), { kind: 'result', outcome: 'succeeded' }, [one]);
  written.put(turnKey(2), turn(2, [], 'Done.'), [done, other]);
  return written.items;
}

const without = (items: readonly Item[], ...keys: string[]) => items.filter(({ sk }) => !keys.includes(sk));
const item = (items: readonly Item[], sk: string) => {
  const found = items.find((each) => each.sk === sk);
  if (!found) throw new Error(`no ${sk}`);
  return found;
};
const replace = (items: readonly Item[], changed: Item) =>
  items.map((each) => (each.sk === changed.sk ? changed : each));
/** With a hash that fits: what somebody does who may write to the table and knows how it is made. */
const rehashed = (of: Omit<Item, 'hash'>): Item => {
  const { pk, sk, body } = of;
  return { pk, sk, body, hash: hashOf({ pk, sk, body }) };
};
const edited = (of: Item, change: object) =>
  rehashed({ ...of, body: canonical({ ...JSON.parse(of.body), ...change } as Json) });

/** Links of a fixture in full: who names whom. */
const followed = (items: readonly Item[]) =>
  new Set(items.flatMap(({ body }) => Object.keys((JSON.parse(body) as { after: object }).after)));

describe('an honest run', () => {
  test('verifies; a vote that came too late is reported, not an error', () => {
    const items = finished();
    expect(check(items)).toEqual({
      ok: true,
      records: items.length,
      loose: ['exec#1', 'exec#2', 'act#0001.00#hold#0#vote#leo'],
      head: { key: 'turn#0002', hash: item(items, 'turn#0002').hash },
    });
  });

  test('verifies in whatever order its records come', () => {
    expect(check([...finished()].reverse())).toEqual(check(finished()));
  });

  test('verifies at every moment of its life', () => {
    const items = finished();
    for (let count = 1; count < items.length; count++) {
      expect(unfinished(items.slice(0, count))).toMatchObject({ ok: true, records: count });
    }
  });

  test('verifies when it could not go on', () => {
    const written = new WrittenRun();
    const first = written.put(runKey, run, []);
    const exec = written.put(execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [first]);
    written.put(failedKey, { kind: 'failed', why: 'three died' }, [exec]);
    expect(check(written.items, 'failed').ok).toBe(true);
    // Nor can such a record stand in for the end of a run that finished.
    expect(check(written.items).finding).toMatchObject({ as: 'missing', key: 'turn#0001' });
  });

  test('verifies when its cancelling overtook a question', () => {
    const written = new WrittenRun();
    const first = written.put(runKey, run, []);
    const one = written.put(turnKey(1), turn(1, [action('hold')]), [first]);
    const opened = written.put(holdKey(ID, 0), hold(), [one]);
    const cancel = written.put(cancelKey, { kind: 'cancel', who: 'sam' }, [first]);
    const done = { kind: 'result' as const, outcome: 'not performed' as const, why: 'the run was cancelled' };
    const result = written.put(resultKey(ID), done, [opened, cancel]);
    written.put(settledKey(ID, 0), settled('cancelled'), [opened, cancel]);
    const end = { status: 'cancelled' as const, reason: 'cancelled by a person' };
    written.put(turnKey(2), { ...turn(2, []), end }, [result]);
    expect(check(written.items)).toMatchObject({ ok: true, loose: ['act#0001.00#hold#0#settled'] });
  });

  test('verifies when its cancelling was decided a moment after a rejection had ended the action', () => {
    const written = new WrittenRun();
    const first = written.put(runKey, run, []);
    const one = written.put(turnKey(1), turn(1, [action('hold')]), [first]);
    const opened = written.put(holdKey(ID, 0), hold(), [one]);
    const rejected = written.put(settledKey(ID, 0), settled('rejected'), [opened]);
    written.put(cancelKey, { kind: 'cancel', who: 'sam' }, [first]);
    const done = { kind: 'result' as const, outcome: 'not performed' as const, why: 'rejected by ann' };
    const result = written.put(resultKey(ID), done, [rejected]);
    const instead = { ...done, why: 'the run was cancelled' };
    written.put(intentKey(ID, 1), { ...intent(written.now(0)), owner: '', key: '', instead }, [opened]);
    written.put(turnKey(2), { ...turn(2, []), end: { status: 'cancelled', reason: 'by a person' } }, [
      result,
    ]);

    const overtaken = 'act#0001.00#try#1#intent';
    expect(check(written.items)).toMatchObject({ ok: true, loose: ['cancel', overtaken] });
    // Nobody decides so in a run that was not cancelled.
    expect(check(without(written.items, 'cancel')).finding).toMatchObject({ as: 'added', key: overtaken });
  });
});

describe('T24', () => {
  test('a record whose text was edited is named, whichever it is', () => {
    const items = finished();
    for (const each of items) {
      const body = each.body.replace('2026-11-23T', '2026-11-22T');
      expect(check(replace(items, { ...each, body })).finding).toMatchObject({ as: 'changed', key: each.sk });
      const spaced = { ...each, body: each.body.replace(':', ': ') };
      expect(check(replace(items, spaced)).finding).toMatchObject({ as: 'changed', key: each.sk });
    }
  });

  test('a record that was edited and given a new hash is named by those that follow from it', () => {
    const items = finished();
    const named = followed(items);
    for (const each of items.filter(({ sk }) => named.has(sk))) {
      const changed = edited(each, { at: '2026-11-22T00:00:00.000Z' });
      expect(check(replace(items, changed)).finding).toMatchObject({ as: 'changed', key: each.sk });
    }
  });

  test('a record that was taken away is named', () => {
    const items = finished();
    const named = followed(items);
    for (const { sk } of items.filter((each) => named.has(each.sk))) {
      expect(check(without(items, sk)).finding).toMatchObject({ as: 'missing', key: sk });
    }
  });

  test('the end of a finished run that was cut off is named, however much of it', () => {
    const items = finished();
    for (let count = 1; count < items.length; count++) {
      const { ok, finding } = check(items.slice(0, count));
      expect(ok).toBe(false);
      const turns = items.slice(0, count).filter(({ sk }) => sk.startsWith('turn#')).length;
      expect(finding).toMatchObject({ as: 'missing', key: `turn#000${turns + 1}` });
    }
    expect(check([])).toMatchObject({ ok: false, finding: { as: 'missing', key: 'run' } });
  });

  test('two records whose texts were swapped are named, with their hashes or with new ones', () => {
    const items = finished();
    const a = item(items, resultKey(ID).sk);
    const b = item(items, resultKey('0001.01').sk);
    for (const swap of [(of: Item) => of, rehashed]) {
      const swapped = replace(replace(items, swap({ ...a, body: b.body })), swap({ ...b, body: a.body }));
      expect(check(swapped).finding).toMatchObject({ as: 'changed' });
      expect([a.sk, b.sk]).toContain(check(swapped).finding?.key);
    }
    const votes = [voteKey(ID, 0, 'lena').sk, voteKey(ID, 0, 'leo').sk].map((sk) => item(items, sk));
    const [lena, leo] = votes as [Item, Item];
    const moved = replace(items, rehashed({ ...leo, body: lena.body }));
    expect(check(moved).finding).toMatchObject({ as: 'added', key: leo.sk });
  });

  test.each([
    ['a result', resultKey('0001.02'), { kind: 'result', outcome: 'succeeded' }, 'turn#0001'],
    ['an attempt', intentKey(ID, 3), intent(new Date(0)), settledKey(ID, 0).sk],
    ['an approval', settledKey(ID, 1), settled('approved'), holdKey(ID, 0).sk],
    ['a turn', turnKey(3), turn(3, []), 'turn#0002'],
    ['an execution out of turn', execKey(9), { kind: 'exec', exec: 9, why: 'first' }, 'exec#2'],
    ['a record where none belongs', { power: 'effects', sk: 'note' }, { kind: 'cancel', who: 'x' }, 'run'],
    ['another kind', { power: 'oversight', sk: 'failed' }, { kind: 'cancel', who: 'x' }, 'run'],
    ['another power', { power: 'effects', sk: 'cancel' }, { kind: 'cancel', who: 'x' }, 'run'],
    ['an orphan', cancelKey, { kind: 'cancel', who: 'x' }, undefined],
  ] as const)('%s that was added is named', (_, { power, sk }, body, follows) => {
    const items = finished();
    const after = follows === undefined ? {} : { [follows]: item(items, follows).hash };
    const whole = { v: 1, at: '2026-11-23T06:30:00.000Z', ...body, after };
    const added = rehashed({ pk: partition(power, RUN_ID), sk, body: canonical(whole as unknown as Json) });
    expect(check([...items, added])).toMatchObject({ ok: false, finding: { as: 'added', key: sk } });
  });

  test('of several bad records the first is named', () => {
    const items = finished();
    const late = edited(item(items, resultKey(ID).sk), { value: 2 });
    const early = { ...item(items, 'turn#0001'), hash: 'x' };
    expect(check(replace(replace(items, late), early)).finding?.key).toBe('turn#0001');
  });

  test('a record of another run is named', () => {
    const items = finished();
    const moved = rehashed({ ...item(items, 'exec#2'), pk: partition('oversight', 's'.repeat(26)) });
    expect(check(replace(items, moved)).finding).toMatchObject({ as: 'added', key: 'exec#2' });
  });

  test('a text that is no record of ours is named, though its hash fits', () => {
    const items = finished();
    for (const body of ['', 'null', '[]', '{"kind":"vote"}', '{']) {
      const changed = rehashed({ ...item(items, voteKey(ID, 0, 'leo').sk), body });
      expect(check(replace(items, changed)).finding).toMatchObject({ as: 'changed', key: changed.sk });
    }
  });
});
