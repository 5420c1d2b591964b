import { judgeCell, openCell, type Place } from './cell.ts';
import type { Judgement } from './judge.ts';
import { play } from './play.ts';
import { createStillness } from './stillness.ts';

/** By so much: the reconciler comes round, and what was given 30 s is due. */
const LEAP_MS = 31_000;
/** Eleven minutes: more than anything here needs that nobody is asked about. */
const MOST_LEAPS = 22;

export interface Drained extends Judgement {
  /** Simulated seconds until the run had ended and nobody was asked anything. */
  readonly seconds: number;
}

/**
 * Restarts a cell on what its dead process left, does what people would do, and lets the reconciler come round until
 * all is quiet. Time is moved, never waited for.
 */
export async function drain(place: Place): Promise<Drained> {
  const stillness = createStillness();
  const opened = await openCell(place, { intercept: (_, proceed) => stillness.during(proceed) });
  const leapMs = opened.scenario.leapMs ?? LEAP_MS;
  try {
    const leaps = await play(opened, { stillness, leapMs, mostLeaps: MOST_LEAPS, looks: true });
    return { ...(await judgeCell(opened, place)), seconds: (leaps * leapMs) / 1000 };
  } finally {
    await opened.close();
  }
}
