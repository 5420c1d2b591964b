import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadCode } from './code.ts';
import { MUTANTS, writeMutant } from './mutants.ts';
import { invariantsHold } from './property.ts';

/** A model that misses one of these is no test: what `npm test` plays must suffice. */
const MOST_RUNS = 500;

describe('the model catches the code when', () => {
  test.each(MUTANTS)('$name', { timeout: 60_000 }, async (mutant) => {
    const { folder, path } = writeMutant(mutant);
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const code = await loadCode(path);

    const found = await fc.check(invariantsHold(code, mutant.keyed), {
      numRuns: MOST_RUNS,
      seed: Number(process.env.MUTANT_SEED ?? 1),
      endOnFailure: true,
    });

    if (process.env.MUTANT_LOG)
      console.log(mutant.name, found.numRuns, String(found.errorInstance).split('\n')[0]);
    expect(found.failed).toBe(true);
  });
});
