import type { JsonObject } from '../json.ts';

export type Kind = 'refund' | 'mail' | 'delete' | 'wire';

/** One call as it was received, whatever became of it. */
export interface Attempt {
  readonly key: string | null;
  readonly kind: Kind;
  readonly at: string;
}

/** One thing done. */
export interface Effect extends Attempt {
  readonly id: string;
  readonly args: JsonObject;
}

export type NewEffect = Pick<Effect, 'key' | 'kind' | 'args'>;

type Awaitable<T> = T | Promise<T>;

/**
 * The ground truth that everything else is judged by, so it shares no store with what it judges.
 * What it returns has been written.
 */
export interface Ledger {
  /** Recorded before anything else about the call is looked at. */
  attempt(call: Pick<Attempt, 'key' | 'kind'>): Awaitable<void>;
  /** Does it, unless something was done under its key already; returns what stands under the key. */
  once(effect: NewEffect & { readonly key: string }): Awaitable<Effect>;
  /** Does it, each time. */
  always(effect: NewEffect): Awaitable<Effect>;
  read(): Awaitable<{ readonly effects: readonly Effect[]; readonly attempts: readonly Attempt[] }>;
}
