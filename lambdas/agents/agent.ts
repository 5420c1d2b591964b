import type { Tool } from '../tools/tool.ts';

/** What ends a run that does not end by itself; each limit ends it with its own name. */
export interface Limits {
  readonly turns: number;
  /** Tokens in and out, as the model reports them. */
  readonly tokens: number;
  readonly wallSeconds: number;
}

export interface Agent {
  readonly name: string;
  /** Stable subject id of who answers for this agent. */
  readonly owner: string;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly limits: Limits;
  /** How many of its questions may wait for people at once, for each person who asks for runs. @default 50 */
  readonly openHolds?: number;
}
