import type { Agent } from './agent.ts';
import { support } from './support.ts';

/** The sample agent with the limits out of the way, for runs of thousands of turns. */
export const marathon: Agent = {
  ...support,
  name: 'marathon',
  limits: {
    turns: 20_000,
    tokens: 1_000_000_000,
    wallSeconds: 30 * 24 * 3_600,
    spendMicros: 1_000_000_000,
    contextBytes: 100_000_000,
  },
  mostLimits: {},
};
