import { look, type Opened } from './cell.ts';
import type { createStillness } from './stillness.ts';

/** Turns without a call to the outside: the run waits for somebody, or for time to pass. */
const STILL = 2;
const WAITING = 14;

export interface Moving {
  readonly stillness: ReturnType<typeof createStillness>;
  readonly leapMs: number;
  readonly mostLeaps: number;
  /** Whether people look into the inbox, where they find what a process that is dead has told them of, or not. */
  readonly looks: boolean;
}

/**
 * Plays a scenario to its end: whenever nothing moves, whoever has something to do does it, and then time moves on and
 * the reconciler comes round. @returns how often time was moved
 */
export async function play(opened: Opened, { stillness, leapMs, mostLeaps, looks }: Moving): Promise<number> {
  const { core, people, scenario, clock, resumed } = opened;
  await core.reconcile({ allRuns: true });
  if (!resumed || !scenario.givesUp) await people.start();
  for (let leaps = 0; ; ) {
    const still = await stillness.tick();
    // Who has looked once sees nothing new before something moves.
    if (still !== STILL && still < WAITING) continue;
    if ((await look(opened)).quiet) return leaps;
    if (looks) await people.look();
    await people.lookAside(leaps);
    if (still < WAITING) continue;
    if (leaps >= mostLeaps) return leaps;
    leaps += 1;
    clock.leap(leapMs);
    await core.reconcile();
  }
}
