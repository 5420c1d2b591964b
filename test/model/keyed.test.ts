import fc from 'fast-check';
import { test } from 'vitest';
import { RUNS, randomRuns } from '../support/random-runs.ts';
import { LAMBDAS, loadCode } from './code.ts';
import { invariantsHold } from './property.ts';

test(
  'I1–I11 hold of any run against a downstream that honours keys',
  async () => {
    const code = await loadCode(LAMBDAS);
    await fc.assert(invariantsHold(code, true), randomRuns(Math.ceil(RUNS / 2)));
  },
  60_000 + RUNS * 100,
);
