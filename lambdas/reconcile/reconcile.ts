import { type Branch, openHold } from '../journal/branch.ts';
import type { Journal, Records } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { cancelKey, execKey, failedKey, type HoldAddress, parseHoldId, runKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { HoldRow, RunRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import { stoppedOf } from '../oversight/brakes.ts';
import { leaveRoom } from '../oversight/budget.ts';
import { deliver, SETTLING_MS } from '../oversight/deliver.ts';
import { readHold, settle } from '../oversight/settle.ts';
import { isComplete } from '../plan/conversation.ts';
import { cancelHolds } from '../runs/cancel-run.ts';
import type { Workflow } from '../workflow-client.ts';
import { standOf } from './run-stand.ts';

export interface ReconcileDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly notify: (
    about: 'opened' | 'reminder' | 'warning',
    at: HoldAddress,
    hold: BodyOf<'hold'>,
  ) => Promise<void>;
  readonly alarm: (what: string, where: { readonly runId: string }) => void;
  readonly now: () => Date;
}

export interface Reconciled {
  readonly runs: number;
  readonly holds: number;
  readonly failed: number;
}

const AT_ONCE = 16;
/** How often a run that seems well is looked at. */
const WELL_MS = 5 * 60_000;
/** Starts in a row that wrote nothing new, before a run is given up. */
const MOST_STARTS = 3;

/**
 * Makes Step Functions agree with the journal for everything that is due: idempotent, and harmless to run twice at once.
 * `allRuns` looks at every unfinished run, due or not: after a restart of the one machine, where no execution is left.
 */
export async function reconcile(
  deps: ReconcileDeps,
  options: { allRuns?: boolean } = {},
): Promise<Reconciled> {
  let failed = 0;
  const each = async <K extends 'run' | 'hold'>(kind: K, one: (row: DueRow<K>) => Promise<void>) => {
    const by = options.allRuns && kind === 'run' ? undefined : deps.now().getTime();
    const queue = (await allDue(deps.rows, kind, by)).values();
    let count = 0;
    const work = async () => {
      for (const row of queue) {
        count += 1;
        await one(row).catch((error) => {
          failed += 1;
          const runId = row.id.split('.')[0] ?? '';
          deps.alarm(`could not reconcile ${kind} ${row.id}: ${String(error)}`, { runId });
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return count;
  };
  const runs = await each('run', (row) => reconcileRun(deps, row));
  const holds = await each('hold', (row) => reconcileHold(deps, row));
  return { runs, holds, failed };
}

type DueRow<K extends 'run' | 'hold'> = K extends 'run' ? RunRow : HoldRow;

/** Read before any is worked on: the work moves rows within the very index that lists them. */
async function allDue<K extends 'run' | 'hold'>(
  rows: Rows,
  kind: K,
  by: number | undefined,
): Promise<DueRow<K>[]> {
  const found: DueRow<K>[] = [];
  let next: string | undefined;
  do {
    const page = await rows.due(kind, by, { limit: 500, ...(next === undefined ? {} : { next }) });
    found.push(...(page.items as unknown as DueRow<K>[]));
    next = page.next;
  } while (next !== undefined);
  return found;
}

/**
 * A hold that is due: settled and delivered if it can be, else people are told, else it waits for its expiry. It is put
 * off only while it is due as it was read: somebody who votes meanwhile has made it due for a reason.
 */
export async function reconcileHold(deps: ReconcileDeps, row: HoldRow): Promise<void> {
  const at = parseHoldId(row.id);
  if (!at) return deps.rows.delete('hold', row.id);
  const records = await readHold(deps.journal, at);
  const opened = [...records.values()].find((r): r is Stored<BodyOf<'hold'>> => r.body.kind === 'hold');
  const settled = await settle(deps, at, records);
  if (settled) {
    const sent = await deliver(deps, at, row, settled);
    if (sent === 'stale' && (await hasMovedOn(deps, at))) await deps.rows.delete('hold', row.id);
    return;
  }
  const now = deps.now().getTime();
  if (!opened) {
    // Hold died between its two writes: the run's own state retries it, or the run is restarted.
    if ((await hasMovedOn(deps, at)) || now > Date.parse(row.expiresAt))
      await deps.rows.deleteIf('hold', row.id, { due: row.due });
    else await deps.rows.change('hold', row.id, { due: now + SETTLING_MS }, row.due);
    return;
  }
  const left = noticesLeft(opened.body, row.told);
  const dueAfter = (told: HoldRow['told']) => noticesLeft(opened.body, told)[0]?.at ?? endOf(opened.body);
  // Where several are overdue, the last one says it all.
  const overdue = left.findLast((notice) => now >= notice.at);
  if (row.told === 'nobody') {
    await deps.notify('opened', at, opened.body);
    const due = Math.min(endOf(opened.body), Math.max(now, dueAfter(undefined)));
    await deps.rows.change('hold', row.id, { told: undefined, due }, row.due);
  } else if (overdue) {
    // Marked first: one reminder too few is better than one a minute.
    const { told, about } = overdue;
    if (!(await deps.rows.change('hold', row.id, { told, due: dueAfter(told) }, row.due))) return;
    await deps.notify(about, at, opened.body);
  } else {
    await deps.rows.change('hold', row.id, { due: dueAfter(row.told) }, row.due);
  }
}

/** A second after its time, so that it has expired when it is looked at. */
const endOf = ({ expiresAt }: BodyOf<'hold'>) => Date.parse(expiresAt) + 1_000;

/** The notices of a hold that have not been sent yet, in their order. */
function noticesLeft({ remindAt, warnAt }: BodyOf<'hold'>, told: HoldRow['told']) {
  const reminder = { told: 'reminded', about: 'reminder', at: Date.parse(remindAt) } as const;
  const warning = { told: 'warned', about: 'warning', at: Date.parse(warnAt ?? '') } as const;
  const all = warnAt === undefined ? [reminder] : [reminder, warning];
  return all.slice(all.findIndex((notice) => notice.told === told) + 1);
}

/** Whether the run no longer waits for this hold: it has a result, a later hold, or an end. */
async function hasMovedOn(deps: ReconcileDeps, at: HoldAddress): Promise<boolean> {
  const stand = standOf(await deps.journal.whole(at.runId));
  const branch = stand.branches.find(({ actionId }) => actionId === at.actionId);
  return stand.ended || !branch || openHold(branch)?.number !== at.hold;
}

/** A run that is due: its execution is started, started anew, or left alone. */
export async function reconcileRun(deps: ReconcileDeps, row: RunRow): Promise<void> {
  const runId = row.id;
  const now = deps.now().getTime();
  const records = await deps.journal.whole(runId);
  const run = record(records, runKey, 'run');
  if (!run) {
    // Of a start that is under way, or that never got as far as an answer.
    if (row.due !== undefined && row.due <= now) await deps.rows.deleteIf('run', runId, { due: row.due });
    return;
  }
  const stand = standOf(records);
  const failed = record(records, failedKey, 'failed');
  if (stand.ended || failed) {
    await leaveRoom(deps.rows, run.body);
    const status = failed ? 'failed' : (stand.turn?.body.end?.status ?? 'finished');
    await deps.rows.change('run', runId, { status, due: undefined });
    return;
  }
  if (record(records, cancelKey, 'cancel')) await cancelHolds(deps, runId);

  const last = stand.execs.at(-1);
  if (!last) {
    await deps.journal.put(runId, execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [run]);
    await deps.workflow.start(runId, 1);
    return;
  }
  const status = await deps.workflow.status(runId, last.body.exec);
  if (status === 'unknown') {
    // Written and never started, or gone with the one machine's process: the same name again (F2, F32).
    await deps.workflow.start(runId, last.body.exec);
  } else if (status === 'succeeded') {
    // It paused for a brake, or asked for renewal.
    if (!record(records, cancelKey, 'cancel') && (await isStopped(deps, run.body, stand.branches))) {
      await deps.rows.change('run', runId, { due: now + 60_000 });
      return;
    }
    await startNext(deps, runId, last, row.status === 'paused' ? 'resumed' : 'renewed');
  } else if (status === 'died') {
    if (startsInVain(stand.execs, records) >= MOST_STARTS) {
      const why = `${MOST_STARTS} executions in a row died without a new record`;
      await deps.journal.put(runId, failedKey, { kind: 'failed', why }, [last]);
      await leaveRoom(deps.rows, run.body);
      await deps.rows.change('run', runId, { status: 'failed', due: undefined });
      deps.alarm(why, { runId });
      return;
    }
    await startNext(deps, runId, last, 'restarted');
  }
  const inEffect = stand.branches.some((branch) => branch.tries.length > 0 && !branch.result);
  await deps.rows.change('run', runId, { status: 'running', due: now + (inEffect ? SETTLING_MS : WELL_MS) });
}

/** Whether brakes leave a run nothing to go on with. */
async function isStopped(
  { rows }: ReconcileDeps,
  { runId, agent }: BodyOf<'run'>,
  branches: readonly Branch[],
): Promise<boolean> {
  const left = branches.filter((branch) => !isComplete(branch));
  const tools = left.map((branch) => branch.action.tool);
  const stopped = await stoppedOf(rows, { runId, agent, tools });
  const performs = left.every((branch) => !openHold(branch) && stopped.tools.has(branch.action.tool));
  return stopped.whole || (left.length > 0 && performs);
}

async function startNext(
  deps: ReconcileDeps,
  runId: string,
  last: Stored<BodyOf<'exec'>>,
  why: BodyOf<'exec'>['why'],
) {
  const exec = last.body.exec + 1;
  await deps.journal.put(runId, execKey(exec), { kind: 'exec', exec, why }, [last]);
  await deps.workflow.start(runId, exec);
}

/** How many of the last executions died, one after the other, without any other record since. */
function startsInVain(execs: readonly Stored<BodyOf<'exec'>>[], records: Records): number {
  const others = [...records.values()].filter(({ body }) => body.kind !== 'exec').map(({ body }) => body.at);
  const newest = others.sort().at(-1) ?? '';
  // One before a resumed or renewed execution had ended well.
  const first = execs.findLastIndex(({ body }) => body.why !== 'restarted');
  return execs.slice(first).filter(({ body }) => body.at >= newest).length;
}
