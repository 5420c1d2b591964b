import type { HoldAddress } from '../journal/keys.ts';
import { holdId } from '../journal/keys.ts';
import type { Rows } from '../journal/rows.ts';
import type { Workflow } from '../workflow-client.ts';
import { deliveredOf, type Settled } from './settle.ts';

export interface DeliverDeps {
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly now: () => Date;
}

/** How long a change of several steps may take before the reconciler looks after it. */
export const SETTLING_MS = 30_000;

/**
 * Sends a settlement to every token the hold has had, and takes the hold out of the inbox once one was taken.
 * A stale token is dropped: the journal says what really happened (F5, F10). While none was taken the row stays,
 * due soon, for the reconciler to try again or to see that the execution has moved on.
 *
 * The row is read here, after the settlement was written, as Hold looks for a settlement after its token was stored:
 * whatever comes between, one of the two sees the other's (F5).
 */
export async function deliver(
  deps: DeliverDeps,
  at: HoldAddress,
  settled: Settled,
): Promise<'taken' | 'stale'> {
  const row = await deps.rows.get('hold', holdId(at));
  if (!row) return 'stale';
  const sent = await Promise.all(
    row.tokens.map((token) => deps.workflow.deliver(token, deliveredOf(at, settled))),
  );
  if (sent.includes('taken')) {
    await deps.rows.delete('hold', holdId(at));
    return 'taken';
  }
  await deps.rows.change('hold', holdId(at), { due: deps.now().getTime() + SETTLING_MS });
  return 'stale';
}
