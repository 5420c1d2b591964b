import type { Clock } from './clock.ts';

/** How one call ends; `late` and `hang` take effect after the caller has stopped waiting, or before, or never. */
export type Ending = 'ok' | 'refused' | 'refused for good' | 'reset after' | 'lost' | 'late' | 'hang';

export interface AttemptSeen {
  readonly action: string;
  readonly key: string;
  readonly args: { readonly amount: number };
  /** When the step that made it had begun, and when it was sent. */
  readonly begun: number;
  readonly sent: number;
  readonly ending: Ending;
  landed: boolean;
}

export interface Downstream {
  readonly attempts: readonly AttemptSeen[];
  /** Keys or, where keys are not honoured, attempts: each distinct thing that was done. */
  readonly effects: readonly { readonly action: string; readonly key: string; readonly tick: number }[];
  readonly call: (
    attempt: Omit<AttemptSeen, 'sent' | 'ending' | 'landed'>,
    signal: AbortSignal,
  ) => Promise<'ok'>;
  readonly happened: (key: string) => boolean;
}

export interface DownstreamOptions {
  readonly keyed: boolean;
  readonly endings: readonly Ending[];
  readonly clock: Clock;
  readonly tick: () => number;
  /** A turn of the world: the network is no process and does not die. */
  readonly hop: (label: string) => Promise<void>;
  /** Says that certainly nothing happened. */
  readonly nothing: (again: boolean) => Error;
  readonly effected: () => void;
}

/** Every call that was sent lands by then, or never: tool deadline < function time-out < state's time limit. */
export const LANDS_WITHIN_MS = 19_000;

/** What the tool acts on. Keyed: an equal key is the same effect. Unkeyed: every call that lands is an effect. */
export function createDownstream(options: DownstreamOptions): Downstream {
  const { keyed, endings, clock, hop, nothing } = options;
  const attempts: AttemptSeen[] = [];
  const effects: { action: string; key: string; tick: number }[] = [];
  const happened = (key: string) => effects.some((effect) => effect.key === key);
  const land = (attempt: AttemptSeen) => {
    if (attempt.landed) return;
    attempt.landed = true;
    if (keyed && happened(attempt.key)) return;
    effects.push({ action: attempt.action, key: attempt.key, tick: options.tick() });
    options.effected();
  };
  return {
    attempts,
    effects,
    happened,
    async call(made, signal) {
      const ending = endings[attempts.length] ?? 'ok';
      const attempt: AttemptSeen = { ...made, sent: options.tick(), ending, landed: false };
      attempts.push(attempt);
      const inTime = clock.sleep(LANDS_WITHIN_MS);
      switch (ending) {
        case 'ok':
          await Promise.race([hop(`lands ${made.key}`), inTime]);
          land(attempt);
          return 'ok';
        case 'refused':
        case 'refused for good':
          await hop('refuses');
          throw nothing(ending === 'refused');
        case 'reset after':
          await Promise.race([hop(`lands ${made.key}`), inTime]);
          land(attempt);
          throw new Error('connection reset');
        case 'lost':
          await hop('loses the call');
          throw new Error('bad gateway');
        case 'late':
          void inTime.then(() => land(attempt));
          await hop('gives up on the call');
          throw new Error('gateway time-out');
        case 'hang':
          void Promise.race([hop(`lands ${made.key}`), inTime]).then(() => land(attempt));
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          });
      }
    },
  };
}
