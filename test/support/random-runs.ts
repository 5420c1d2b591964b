/** How many random runs a property is tried with, by `npm test` and by `npm run model`. */
export const RUNS = Number(process.env.MODEL_RUNS ?? 500);

/**
 * A failure is reported with its seed, which `MODEL_SEED` plays again. Looking for the smallest run that fails takes
 * minutes, and is done where `MODEL_SHRINK` is set.
 */
export const randomRuns = (numRuns: number) => ({
  numRuns,
  endOnFailure: process.env.MODEL_SHRINK === undefined,
  ...(process.env.MODEL_SEED === undefined ? {} : { seed: Number(process.env.MODEL_SEED) }),
});
