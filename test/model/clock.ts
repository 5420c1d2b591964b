/**
 * Time that stands still until it is moved. It stands in for the process's own timers while a run of the model lasts, so
 * that back-offs, deadlines and time limits all follow it.
 */
export interface Clock {
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Moves on by so much; what comes due meanwhile happens at its own time. */
  readonly advance: (milliseconds: number) => void;
  /** Moves on to the next timer; says whether there was one by then. */
  readonly skip: (by: number) => boolean;
  readonly release: () => void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Puts a clock in the place of `setTimeout` until it is released. */
export function installClock(start: number): Clock {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const timers = new Set<Timer>();
  let now = start;
  const add = (fire: () => void, milliseconds = 0): Timer => {
    const timer = { at: now + milliseconds, fire };
    timers.add(timer);
    return timer;
  };
  const earliest = () => {
    let first: Timer | undefined;
    for (const timer of timers) if (!first || timer.at < first.at) first = timer;
    return first;
  };
  const fireFirst = (by: number): boolean => {
    const first = earliest();
    if (!first || first.at > by) return false;
    timers.delete(first);
    now = Math.max(now, first.at);
    first.fire();
    return true;
  };
  Object.assign(globalThis, {
    setTimeout: (fire: () => void, milliseconds?: number) => add(fire, milliseconds),
    clearTimeout: (timer: Timer) => timers.delete(timer),
  });
  return {
    now: () => new Date(now),
    sleep: (milliseconds) => new Promise((resolve) => add(resolve, milliseconds)),
    advance(milliseconds) {
      const until = now + milliseconds;
      while (fireFirst(until));
      now = until;
    },
    skip: (by) => fireFirst(by),
    release: () => Object.assign(globalThis, real),
  };
}
