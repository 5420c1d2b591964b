import * as z from 'zod';

/**
 * What travels through the state machine: ids and decisions, never messages or arguments
 * (Step Functions history is readable, and a payload may have 256 KiB).
 * In the definition it lies under `$.Payload`, so that one path serves state input and task parameters alike.
 */

/**
 * Version of these payloads. A run in flight keeps its definition and what it carries, and meets the functions of every
 * deployment to come: new fields have defaults, and what must be read otherwise gets a new number here. A function that
 * does not know a number throws; should no other take over, the run starts anew from its journal (F28).
 */
export const CONTRACT = 1;

/** What is to be done next for one action. */
export const Step = z.object({
  actionId: z.string(),
  next: z.enum(['hold', 'perform', 'done']),
  /** Which hold of the action is to be opened or is open. */
  hold: z.int(),
  /** How long the wait may take: at least 1, at most 20 days. */
  seconds: z.int(),
  /** The function that performs the action's tool. */
  function: z.string(),
});
export type Step = z.infer<typeof Step>;

/** Input of every function: where the run stands. `taken` counts this execution's rounds, for renewal. */
export const Position = z.object({
  v: z.literal(CONTRACT).optional(),
  runId: z.string(),
  /** Number of the execution, from 1. */
  exec: z.int(),
  taken: z.int().default(0),
  /** What Plan saw last; the same again without a new record means that nothing moves. */
  seen: z.string().optional(),
});
export type Position = z.infer<typeof Position>;

export const PositionAtStep = Position.extend({ step: Step });
export type PositionAtStep = z.infer<typeof PositionAtStep>;

/** Output of Plan; `next` is what Route reads. */
export type Planned = Position &
  (
    | { next: 'perform' | 'hold'; step: Step }
    | { next: 'several'; branches: readonly Step[] }
    | { next: 'finished' | 'paused' | 'renew' }
  );

/** Output of Hold's task, sent with its token: the outcome and what it was an outcome of. */
export interface Delivered {
  readonly holdId: string;
  readonly outcome: string;
  readonly digest: string;
}
