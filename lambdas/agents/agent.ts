import type { Limited } from '../runs/limits.ts';
import type { Tool } from '../tools/tool.ts';

export interface Agent extends Limited {
  readonly name: string;
  /** Stable subject id of who answers for this agent. */
  readonly owner: string;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** How many of its questions may wait for people at once, for each person who asks for runs. @default 50 */
  readonly openHolds?: number;
}
