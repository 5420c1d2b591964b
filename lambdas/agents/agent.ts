import type { Limits } from '../runs/limits.ts';
import type { Tool } from '../tools/tool.ts';

export interface Agent {
  readonly name: string;
  /** Stable subject id of who answers for this agent. */
  readonly owner: string;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** Of a run that asks for no others. */
  readonly limits: Limits;
  /** Up to where a run may ask for more. @default its limits */
  readonly mostLimits?: Partial<Limits>;
  /** How many of its questions may wait for people at once, for each person who asks for runs. @default 50 */
  readonly openHolds?: number;
}
