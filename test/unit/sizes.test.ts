import { describe, expect, test } from 'vitest';
import { beginning, bytesOf, fitText } from '../../lambdas/journal/fit.ts';
import { detailOf, MOST_RESULT_BYTES, storable } from '../../lambdas/perform/storable.ts';
import { fitObservation } from '../../lambdas/tools/fit-observation.ts';

const HEAVY = [
  ['ASCII', 'x'],
  ['three bytes each', '語'],
  ['four bytes each', '🙂'],
  ['quotes, which JSON escapes', '"'],
  ['control characters, which it escapes to six bytes', '\u0001'],
  ['lone surrogates', '\ud800'],
] as const;

describe('what comes from outside', () => {
  test.each(HEAVY)('is cut to what it takes as JSON: %s', (_, char) => {
    const kept = beginning(char.repeat(10_000).toWellFormed(), 1_000);
    expect(bytesOf(kept)).toBeLessThanOrEqual(1_000);
    expect(bytesOf(kept)).toBeGreaterThan(990);
    expect(kept.isWellFormed()).toBe(true);
  });

  test('is left alone where it fits, and else ends in how much was left out', () => {
    expect(fitText('short', 100)).toBe('short');
    expect(fitText('語'.repeat(100), 62)).toBe(`${'語'.repeat(20)}… (cut: 300 bytes, of which 60 are kept)`);
  });
});

describe('a result', () => {
  test.each(HEAVY)('of 400 KB and more fits a record, and says how much was left out: %s', (_, char) => {
    const value = storable({ rows: char.repeat(450_000) }) as { notice: string; start: string };
    expect(value.notice).toMatch(/^cut: \d{6,} bytes, of which \d{5,6} are kept$/);
    expect(value.start.length).toBeGreaterThan(10_000);
    expect(bytesOf(value)).toBeLessThan(2 * MOST_RESULT_BYTES + 100);
  });

  test('that fits is stored as it is', () => {
    const value = { rows: 'x'.repeat(MOST_RESULT_BYTES - 20) };
    expect(storable(value)).toEqual(value);
  });

  test('that fails is told in a few words, whatever was thrown', () => {
    expect(bytesOf(detailOf(new Error('x'.repeat(500_000))))).toBeLessThan(4_100);
    expect(
      detailOf({
        toString: () => {
          throw new Error();
        },
      }),
    ).toBe('something that cannot be named was thrown');
  });
});

describe('what a hold shows of its target', () => {
  test('fits a record, with a notice of what is left out', () => {
    const facts = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`fact ${i}`, '語'.repeat(50_000)]),
    );
    const shown = fitObservation({ version: 'v', facts });
    expect(bytesOf(shown)).toBeLessThan(200_000);
    expect(shown.facts['fact 0']).toMatch(/cut: 150000 bytes, of which \d+ are kept\)$/);
    expect(shown.facts.notice).toBe('160 more facts are left out');
  });

  test('is bound to the whole version, however long it is', () => {
    const [one, other] = ['1', '2'].map((end) =>
      fitObservation({ version: 'v'.repeat(5_000) + end, facts: {} }),
    );
    expect(one?.version).not.toBe(other?.version);
    expect(one?.version).toHaveLength(64);
    expect(fitObservation({ version: 'v', facts: { a: 'b' } })).toEqual({ version: 'v', facts: { a: 'b' } });
  });
});
