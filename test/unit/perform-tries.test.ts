import { describe, expect, test } from 'vitest';
import { CLOCK_ALLOWANCE_MS, MOST_TRIES, standing } from '../../lambdas/perform/tries.ts';
import type { Replay, Tool } from '../../lambdas/tools/tool.ts';
import { at, branchWith, type Made, TIMEOUT_S } from './perform-records.ts';

const LANDED_S = TIMEOUT_S + CLOCK_ALLOWANCE_MS / 1000;

interface Row {
  readonly says: string;
  readonly tries: readonly Made[];
  readonly replay?: Replay;
  readonly keyHours?: number;
  readonly now?: number;
  readonly gone?: string;
  readonly stands: object;
}

const HOUR_S = 3600;
const cutOff = 'the attempt was cut off: no answer was recorded';
const refusals = (count: number): Made[] => Array.from({ length: count }, () => ({ at: 0, told: 'refused' }));

const ROWS: readonly Row[] = [
  { says: 'nothing tried: the first is ready', tries: [], stands: { as: 'ready', number: 1 } },
  {
    says: 'F21: refused for now: another is ready',
    tries: [{ at: 0, told: 'refused' }],
    stands: { as: 'ready', number: 2 },
  },
  {
    says: 'refused for good: refused',
    tries: [{ at: 0, told: 'refused for good' }],
    stands: { as: 'refused', detail: 'try 1: refused for good' },
  },
  {
    says: 'refused as often as may be: refused',
    tries: refusals(MOST_TRIES),
    stands: { as: 'refused', detail: `try ${MOST_TRIES}: refused` },
  },
  {
    says: 'refused once less: ready',
    tries: refusals(MOST_TRIES - 1),
    stands: { as: 'ready', number: MOST_TRIES },
  },
  {
    says: 'no answer before the deadline: running',
    tries: [{ at: 0 }],
    now: 1,
    stands: { as: 'running', until: at(TIMEOUT_S) },
  },
  {
    says: 'no answer within the clock allowance: running still',
    tries: [{ at: 0 }],
    now: LANDED_S - 0.001,
    stands: { as: 'running', until: at(TIMEOUT_S) },
  },
  {
    says: 'F15: no answer past it: unknown, and by its key repeatable',
    tries: [{ at: 0 }],
    now: LANDED_S,
    stands: { as: 'unknown', number: 1, detail: cutOff, repeatable: true },
  },
  {
    says: 'F15: without a key not repeatable',
    tries: [{ at: 0 }],
    replay: 'never',
    now: LANDED_S,
    stands: { as: 'unknown', number: 1, detail: cutOff, repeatable: false },
  },
  {
    says: 'F32: its process is gone: unknown at once, but it may still land',
    tries: [{ at: 0, owner: 'p1:x' }],
    gone: 'p1',
    now: 1,
    stands: { as: 'unknown', number: 1, detail: cutOff, repeatable: true, until: at(TIMEOUT_S) },
  },
  {
    says: 'another process is gone: running',
    tries: [{ at: 0, owner: 'p1:x' }],
    gone: 'p2',
    now: 1,
    stands: { as: 'running', until: at(TIMEOUT_S) },
  },
  {
    says: 'F16: an unknown answer before the deadline: unknown, but it may still land',
    tries: [{ at: 0, told: 'unknown' }],
    replay: 'never',
    now: 1,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false, until: at(TIMEOUT_S) },
  },
  {
    says: 'F20: within the window of the key repeatable',
    tries: [{ at: 0, told: 'unknown' }],
    now: 20 * HOUR_S - 1,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: true },
  },
  {
    says: 'F20: past the window no more',
    tries: [{ at: 0, told: 'unknown' }],
    now: 20 * HOUR_S,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false },
  },
  {
    says: 'F20: the window runs from the first use of the key',
    tries: [
      { at: 0, told: 'unknown' },
      { at: 19 * HOUR_S, told: 'unknown' },
    ],
    now: 20 * HOUR_S,
    stands: { as: 'unknown', number: 2, detail: 'try 2: unknown', repeatable: false },
  },
  {
    says: 'F20: a tool may name another window',
    tries: [{ at: 0, told: 'unknown' }],
    keyHours: 1,
    now: HOUR_S,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false },
  },
  {
    says: 'unknown as often as may be: not repeatable',
    tries: Array.from({ length: MOST_TRIES }, () => ({ at: 0, told: 'unknown' as const })),
    now: 60,
    stands: {
      as: 'unknown',
      number: MOST_TRIES,
      detail: `try ${MOST_TRIES}: unknown`,
      repeatable: false,
    },
  },
  {
    says: 'a refusal for now hides no earlier doubt',
    tries: [
      { at: 0, told: 'unknown' },
      { at: 1, told: 'refused' },
    ],
    now: 60,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: true },
  },
  {
    says: 'a refusal for good hides no earlier doubt, and repeats nothing',
    tries: [
      { at: 0, told: 'unknown' },
      { at: 1, told: 'refused for good' },
    ],
    now: 60,
    stands: {
      as: 'unknown',
      number: 1,
      detail: 'try 1: unknown',
      repeatable: false,
      refused: 'try 2: refused for good',
    },
  },
  {
    says: 'people are asked: nothing repeats itself',
    tries: [{ at: 0, told: 'unknown', asked: 'open' }],
    now: 60,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false },
  },
  {
    says: 'nobody said: still unknown, and nothing repeats itself',
    tries: [{ at: 0, told: 'unknown', asked: 'expired' }],
    now: 60,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false },
  },
  {
    says: 'I7: they would not say: nothing repeats itself',
    tries: [{ at: 0, told: 'unknown', asked: 'rejected' }],
    now: 60,
    stands: { as: 'unknown', number: 1, detail: 'try 1: unknown', repeatable: false },
  },
  {
    says: 'it happened, says a person',
    tries: [{ at: 0, told: 'unknown', asked: 'it happened' }],
    now: 60,
    stands: { as: 'said', answer: 'it happened', who: 'dot' },
  },
  {
    says: 'leave it, says a person',
    tries: [{ at: 0, asked: 'leave it' }],
    now: 60,
    stands: { as: 'said', answer: 'leave it', who: 'dot' },
  },
  {
    says: 'it did not happen, says a person: another is ready',
    tries: [{ at: 0, told: 'unknown', asked: 'it did not happen' }],
    now: 60,
    stands: { as: 'ready', number: 2 },
  },
  {
    says: 'it did not happen speaks of the tries before it too',
    tries: [
      { at: 0, told: 'unknown' },
      { at: 1, told: 'unknown', asked: 'it did not happen' },
    ],
    now: 60,
    stands: { as: 'ready', number: 3 },
  },
  {
    says: 'it did not happen says nothing of a later one',
    tries: [
      { at: 0, told: 'unknown', asked: 'it did not happen' },
      { at: 1, told: 'unknown' },
    ],
    now: 60,
    stands: { as: 'unknown', number: 2, detail: 'try 2: unknown', repeatable: true },
  },
  {
    says: 'it did not happen, and was refused for good: refused',
    tries: [
      { at: 0, told: 'unknown', asked: 'it did not happen' },
      { at: 1, told: 'refused for good' },
    ],
    now: 60,
    stands: { as: 'refused', detail: 'try 2: refused for good' },
  },
];

const toolOf = ({ replay = 'keyed', keyHours }: Row) =>
  ({ name: 'pay', replay, ...(keyHours === undefined ? {} : { keyHours }) }) as Tool;

describe('which try is next', () => {
  test.each(ROWS)('$says', (row) => {
    const stands = standing(branchWith(row.tries), toolOf(row), {
      now: new Date(at(row.now ?? 0)),
      isGone: (owner) => owner.split(':')[0] === row.gone,
    });
    expect(stands).toEqual(row.stands);
  });

  test('the place of a try in which something else was decided is not used again, nor counted', () => {
    const none = { now: new Date(at(0)), isGone: () => false };
    expect(standing(branchWith([], 2), toolOf(ROWS[0] as Row), none)).toEqual({ as: 'ready', number: 3 });
    const refused = branchWith(refusals(MOST_TRIES - 1), 2);
    expect(standing(refused, toolOf(ROWS[0] as Row), none)).toEqual({ as: 'ready', number: MOST_TRIES + 2 });
  });
});
