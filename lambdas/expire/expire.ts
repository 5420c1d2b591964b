import type { Journal } from '../journal/journal.ts';
import { holdId } from '../journal/keys.ts';
import type { Rows } from '../journal/rows.ts';
import { settle } from '../oversight/settle.ts';
import type { PositionAtStep } from '../workflow.ts';

export interface ExpireDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly now: () => Date;
}

/**
 * The state's time limit is up: settles the hold if its own time is up too, and takes it out of the inbox. Coming
 * before the hold's expiry (a wait of more than 20 days, a clock apart) it changes nothing, and Plan opens the wait again.
 */
export async function expire(deps: ExpireDeps, input: PositionAtStep): Promise<PositionAtStep> {
  const { runId, step } = input;
  const at = { runId, actionId: step.actionId, hold: step.hold };
  const settled = await settle(deps, at);
  // The execution has moved on from this hold, so nobody waits for a delivery any more (F12).
  if (settled) await deps.rows.delete('hold', holdId(at));
  return input;
}
