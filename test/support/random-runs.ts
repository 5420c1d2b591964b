import * as fc from 'fast-check';

/** How many random runs a property is tried with, by `npm test` and by `npm run model`. */
export const RUNS = Number(process.env.MODEL_RUNS ?? 500);

const SHRINK = process.env.MODEL_SHRINK !== undefined;

/** Says what failed and how to play it again in a page; the default's schedule of a run has thousands of lines. */
const brief: fc.Plugin<unknown> = () => ({
  onAllRunsComplete({ failed, errorInstance, counterexample, numRuns, seed }) {
    if (!failed || SHRINK) return;
    const why =
      errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : errorInstance;
    const [first] = (counterexample ?? []) as readonly unknown[];
    throw new Error(`seed ${seed}, run ${numRuns}: ${why}\n\n${fc.stringify(first).slice(0, 4_000)}`);
  },
});

/**
 * A failure is reported with its seed, which `MODEL_SEED` plays again. Looking for the smallest run that fails takes
 * minutes, and is done where `MODEL_SHRINK` is set.
 */
export const randomRuns = (numRuns: number) => ({
  numRuns,
  endOnFailure: !SHRINK,
  plugins: [brief],
  ...(process.env.MODEL_SEED === undefined ? {} : { seed: Number(process.env.MODEL_SEED) }),
});
