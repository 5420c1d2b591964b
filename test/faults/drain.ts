import { judgeCell, look, openCell, type Place } from './cell.ts';
import type { Judgement } from './judge.ts';
import type { Intercept } from './ports.ts';
import { createStillness } from './stillness.ts';

/** Turns without a call to the outside: the run waits for somebody, or for time to pass. */
const STILL = 2;
const WAITING = 14;
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
  const leaps: { readonly real: number; readonly offset: number }[] = [];
  const offsetAt = (real: number) => leaps.findLast((leap) => leap.real <= real)?.offset ?? 0;
  const stillness = createStillness();
  const intercept: Intercept = (_, proceed) => stillness.during(proceed);
  const opened = await openCell(place, { intercept, now: () => new Date(Date.now() + offsetAt(Date.now())) });
  try {
    await opened.core.reconcile({ allRuns: true });
    for (;;) {
      const still = await stillness.tick();
      if (still < STILL) continue;
      if ((await look(opened)).quiet) break;
      await opened.people.look();
      if (still < WAITING) continue;
      if (leaps.length >= MOST_LEAPS) break;
      leaps.push({ real: Date.now(), offset: (leaps.length + 1) * LEAP_MS });
      await opened.core.reconcile();
    }
    const clock = (at: string) => new Date(Date.parse(at) + offsetAt(Date.parse(at))).toISOString();
    return { ...(await judgeCell(opened, place, clock)), seconds: (leaps.length * LEAP_MS) / 1000 };
  } finally {
    await opened.close();
  }
}
