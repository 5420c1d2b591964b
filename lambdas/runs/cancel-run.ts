import type { Journal } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { cancelKey, parseHoldId, runKey } from '../journal/keys.ts';
import type { Rows } from '../journal/rows.ts';
import { deliver, SETTLING_MS } from '../oversight/deliver.ts';
import { settle } from '../oversight/settle.ts';
import type { Workflow } from '../workflow-client.ts';

export interface CancelDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly now: () => Date;
}

/** Has a run stop: nothing that is not under way happens any more, and its open holds are settled as cancelled. */
export async function cancelRun(
  deps: CancelDeps,
  runId: string,
  who: string,
): Promise<'cancelled' | 'unknown run' | 'ended'> {
  const row = await deps.rows.get('run', runId);
  const run = record(await deps.journal.get(runId, [runKey]), runKey, 'run');
  if (!row || !run) return 'unknown run';
  if (row.due === undefined) return 'ended';
  await deps.rows.change('run', runId, { due: deps.now().getTime() + SETTLING_MS });
  await deps.journal.put(runId, cancelKey, { kind: 'cancel', who }, [run]);
  await cancelHolds(deps, runId);
  if (row.status === 'paused') await deps.rows.change('run', runId, { due: deps.now().getTime() });
  return 'cancelled';
}

/** Settles and delivers what a cancelled run still waits for; the reconciler does it again for what opens meanwhile. */
export async function cancelHolds(deps: CancelDeps, runId: string): Promise<void> {
  for (const hold of await deps.rows.list('hold', `${runId}.`)) {
    const at = parseHoldId(hold.id);
    const settled = at && (await settle(deps, at));
    if (at && settled) await deliver(deps, at, settled);
  }
}
