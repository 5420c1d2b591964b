import fc from 'fast-check';
import { test } from 'vitest';
import { LAMBDAS, loadCode } from './code.ts';
import { invariantsHold, REPORT, RUNS } from './property.ts';

test(
  'I1–I11 hold of any run against a downstream that honours keys',
  async () => {
    const code = await loadCode(LAMBDAS);
    await fc.assert(invariantsHold(code, true), { numRuns: RUNS, ...REPORT });
  },
  60_000 + RUNS * 200,
);
