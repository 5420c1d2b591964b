import type { Scheduler } from 'fast-check';
import type { PlanDeps } from '../../lambdas/plan/plan.ts';

/** Something that runs our code and may die: from then on none of its awaits ever ends. */
export interface Process {
  readonly id: string;
  readonly alive: boolean;
  /** Waits its turn among everything that could happen next. */
  readonly point: (label: string) => Promise<void>;
  /** Rejects when the process dies: what its caller sees. */
  readonly died: Promise<never>;
  /** What it keeps from one call to the next. */
  readonly open: Set<string>;
  readonly remembered: PlanDeps['remembered'];
}

export interface Processes {
  /** A process for one call: a new one each on AWS, the one there is on one machine. */
  readonly spawn: () => Process;
  /** One that never dies: Step Functions on AWS. On one machine there is no such thing. */
  readonly host: () => Process;
  /** Ends one of those that live, or the one there is. */
  readonly crash: (nth: number) => void;
  readonly done: (process: Process) => void;
  readonly isGone: (id: string) => boolean;
}

const never = new Promise<never>(() => {});

export function createProcesses(scheduler: Scheduler, onOneMachine: boolean, crashed: () => void): Processes {
  const living = new Set<Mutable>();
  let count = 0;
  let shared: Mutable | undefined;

  interface Mutable extends Process {
    alive: boolean;
    readonly die: () => void;
  }
  const make = (): Mutable => {
    let die = (): void => {};
    const died = new Promise<never>((_, reject) => {
      die = () => reject(new Error('the process died'));
    });
    died.catch(() => {});
    count += 1;
    const made: Mutable = {
      id: `p${count}`,
      alive: true,
      died,
      die: () => die(),
      open: new Set(),
      remembered: new Map(),
      async point(label) {
        if (!made.alive) return never;
        await scheduler.schedule(Promise.resolve(), `${made.id} ${label}`);
        if (!made.alive) return never;
      },
    };
    return made;
  };
  const immortal = make();
  const machine = () => {
    if (!shared?.alive) shared = make();
    return shared;
  };
  return {
    spawn() {
      if (onOneMachine) return machine();
      const made = make();
      living.add(made);
      return made;
    },
    host: () => (onOneMachine ? machine() : immortal),
    crash(nth) {
      const victims = onOneMachine ? [machine()] : [...living];
      const victim = victims[nth % victims.length];
      if (!victim) return;
      victim.alive = false;
      living.delete(victim);
      victim.die();
      crashed();
    },
    done: (process) => void living.delete(process as Mutable),
    // On AWS nobody can see whether another function's process still runs.
    isGone: (id) => onOneMachine && id !== machine().id,
  };
}
