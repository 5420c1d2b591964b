import type { Routes } from '../../../lambdas/oversight/route.ts';
import type { Hands } from './hands.ts';

/** The human side of a scenario: what people do, and what must have come true in the end. */
export interface Demo {
  /** Routes in place of the sample's, where nobody wants to wait for a day. */
  readonly routes?: Routes;
  /** Plays it. What is not as it should be is said with `hands.expect`. @returns the runs that it made, first first */
  readonly play: (hands: Hands) => Promise<readonly string[]>;
}
