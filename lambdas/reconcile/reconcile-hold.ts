import { openHold } from '../journal/branch.ts';
import type { Journal } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { type HoldAddress, holdKey, parseHoldId, settledKey } from '../journal/keys.ts';
import type { BodyOf } from '../journal/records.ts';
import type { HoldRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import { deliver, SETTLING_MS } from '../oversight/deliver.ts';
import { nextDue, noticesLeft, tellBy, wereTold } from '../oversight/notices.ts';
import { endedByTime, readHold, type Settled, settle } from '../oversight/settle.ts';
import type { Workflow } from '../workflow-client.ts';
import type { Deed } from './deed.ts';
import { type Claim, claimNotice } from './notices.ts';
import { type RunStand, standOf } from './run-stand.ts';

export interface ReconcileHoldDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly isGone: (processId: string) => boolean;
  readonly now: () => Date;
}

/**
 * A hold that is due: settled and delivered if it can be, else people are to be told, else it waits for its expiry. It is put
 * off only while it is due as it was read: somebody who votes meanwhile has made it due for a reason.
 */
export async function reconcileHold(
  deps: ReconcileHoldDeps,
  row: HoldRow,
  claim: (notice: Claim) => void,
): Promise<readonly Deed[]> {
  const at = parseHoldId(row.id);
  if (!at) {
    await deps.rows.delete('hold', row.id);
    return [];
  }
  const records = await readHold(deps.journal, at);
  const before = record(records, settledKey(at.actionId, at.hold), 'settled');
  const settled = before ?? (await settle(deps, at, records));
  if (settled) return [...(before ? [] : deedsOf(settled)), ...(await passOn(deps, at, row, settled))];
  const hold = record(records, holdKey(at.actionId, at.hold), 'hold')?.body;
  const now = deps.now().getTime();
  if (!hold) {
    // Hold died between its two writes: the run's own state retries it, or the run is restarted.
    if (hasMovedOn(standOf(await deps.journal.whole(at.runId)), at) || now > Date.parse(row.expiresAt))
      await deps.rows.deleteIf('hold', row.id, { due: row.due });
    else await deps.rows.change('hold', row.id, { due: now + SETTLING_MS }, row.due);
    return [];
  }
  // Where several are overdue, the last one says it all: the opening too, should nobody have been told of it.
  const overdue = noticesLeft(hold, row.told).findLast((notice) => now >= notice.at);
  const due = overdue
    ? { told: overdue.told, through: 'all' as const }
    : wereTold(row, deps.isGone)
      ? row.untold && { told: row.told, through: row.untold }
      : { told: 'nobody' as const, through: row.untold ?? ('all' as const) };
  if (due) {
    const claimed = await claimNotice(deps, at, hold, row, due);
    if (claimed) claim(claimed);
    return [];
  }
  // A vote may have made it due while its Hold is at it.
  const early = row.told === 'opening' && now < tellBy(hold, new Date(hold.at));
  const fields = early ? { due: tellBy(hold, new Date(hold.at)) } : confirmed(hold, row);
  await deps.rows.change('hold', row.id, fields, row.due);
  return [];
}

function confirmed(hold: BodyOf<'hold'>, { told: before }: HoldRow) {
  const told = before === 'opening' ? 'opened' : before;
  return { told, due: nextDue(hold, told) };
}

const deedsOf = ({ body }: Settled): Deed[] => (endedByTime(body) ? ['settled', 'expired'] : ['settled']);

/** A settlement reaches the execution that waits for it. Where none does, its run is looked at next: it may have died. */
async function passOn(
  deps: ReconcileHoldDeps,
  at: HoldAddress,
  row: HoldRow,
  settled: Settled,
): Promise<readonly Deed[]> {
  if ((await deliver(deps, at, settled)) === 'taken') return ['delivered'];
  const stand = standOf(await deps.journal.whole(at.runId));
  if (!stand.ended) await deps.rows.change('run', at.runId, { due: deps.now().getTime() });
  if (hasMovedOn(stand, at)) await deps.rows.delete('hold', row.id);
  return [];
}

/** Whether the run no longer waits for this hold to be decided: it is settled, has a result, a later hold, or an end. */
function hasMovedOn(stand: RunStand, at: HoldAddress): boolean {
  const branch = stand.branches.find(({ actionId }) => actionId === at.actionId);
  return stand.ended || !branch || openHold(branch)?.number !== at.hold;
}
