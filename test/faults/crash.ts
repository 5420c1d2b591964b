import { look, type Opened, openCell, type Place } from './cell.ts';
import { play } from './play.ts';
import type { Intercept, PortCall } from './ports.ts';
import { createStillness } from './stillness.ts';

/** One point of a scenario: the nth call of its kind. */
export interface Point {
  readonly label: string;
  readonly nth: number;
}

export interface Crash extends Place {
  readonly point: Point;
  readonly when: 'before' | 'after';
}

const forever = new Promise<never>(() => {});

/** Counts calls by their label, so that a point is found again where others run beside it. */
function counter() {
  const seen = new Map<string, number>();
  return ({ label }: PortCall): Point => {
    const nth = (seen.get(label) ?? 0) + 1;
    seen.set(label, nth);
    return { label, nth };
  };
}

/** Plays a scenario without any fault. @returns its points, in their order */
export async function trace(place: Place): Promise<readonly Point[]> {
  const points: Point[] = [];
  const count = counter();
  const stillness = createStillness();
  const opened = await openCell(place, {
    intercept: (call, proceed) => {
      points.push(count(call));
      return stillness.during(proceed);
    },
  });
  try {
    await playOut(opened, stillness);
    return points;
  } finally {
    await opened.close();
  }
}

/**
 * Plays a scenario up to a point, and stops there for good: nothing of it reaches the outside or tells a caller
 * anything from then on. The caller of this then kills the process. @returns whether the point was reached
 */
export async function stopAt(crash: Crash): Promise<boolean> {
  const count = counter();
  const stillness = createStillness();
  let stopped = false;
  let stop = () => {};
  const reached = new Promise<true>((resolve) => {
    stop = () => {
      stopped = true;
      resolve(true);
    };
  });
  const intercept: Intercept = (call, proceed) =>
    stillness.during(async () => {
      const { label, nth } = count(call);
      const here = !stopped && label === crash.point.label && nth === crash.point.nth;
      if (here && crash.when === 'before') stop();
      if (stopped) return forever;
      try {
        return await proceed();
      } finally {
        if (here) stop();
        if (stopped) await forever;
      }
    });
  const ended = openCell(crash, { intercept, dead: () => stopped }).then((opened) =>
    playOut(opened, stillness),
  );
  ended.catch(() => {});
  return Promise.race([reached, ended.then(() => false)]);
}

/** More than any scenario needs that is not killed. */
const MOST_LEAPS = 12;

async function playOut(opened: Opened, stillness: ReturnType<typeof createStillness>): Promise<void> {
  const { scenario, core, people, resumed } = opened;
  if (scenario.leapMs !== undefined) {
    const looks = resumed && !scenario.whenTold;
    await play(opened, { stillness, leapMs: scenario.leapMs, mostLeaps: MOST_LEAPS, looks });
    return;
  }
  await core.reconcile({ allRuns: true });
  await people.start();
  // What a dead process left in the inbox goes when the reconciler next comes round, in half a minute.
  const done = async () => {
    const { ended, quiet } = await look(opened);
    return resumed ? ended : quiet;
  };
  while (!(await done())) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Who was told of a hold by a process that is dead finds it in the inbox.
    if (resumed) await people.look();
  }
}
