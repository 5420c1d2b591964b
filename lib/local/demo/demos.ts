import { brake } from './brake.ts';
import { delegation } from './delegation.ts';
import type { Demo } from './demo.ts';
import { edit } from './edit.ts';
import { escalation } from './escalation.ts';
import { grant } from './grant.ts';
import { parallel } from './parallel.ts';
import { quorum } from './quorum.ts';
import { stale } from './stale.ts';
import { usual } from './usual.ts';

/** Scenarios whose people do more than to decide all alike. */
const DEMOS: Readonly<Record<string, Demo>> = {
  brake,
  delegation,
  edit,
  escalation,
  grant,
  parallel,
  quorum,
  stale,
};

export const demoOf = (scenario: string, decide: 'approve' | 'reject'): Demo =>
  DEMOS[scenario] ?? usual(decide);

/** Whether the people of a scenario know by themselves what to do. */
export const decidesItself = (scenario: string): boolean => scenario in DEMOS;
