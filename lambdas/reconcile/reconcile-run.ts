import { type Branch, openHold } from '../journal/branch.ts';
import type { Journal, Records } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { cancelKey, execKey, failedKey, runKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';
import type { RunRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import { stoppedOf } from '../oversight/brakes.ts';
import { leaveRoom } from '../oversight/budget.ts';
import { SETTLING_MS } from '../oversight/deliver.ts';
import { isComplete } from '../plan/conversation.ts';
import { cancelHolds } from '../runs/cancel-run.ts';
import type { Workflow } from '../workflow-client.ts';
import type { Deed } from './deed.ts';
import { type RunStand, standOf } from './run-stand.ts';

export interface ReconcileRunDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly now: () => Date;
}

/** How often a run that seems well is looked at. */
const WELL_MS = 5 * 60_000;
/** About how often Step Functions is asked after an execution that only waits for people: it answers few such calls. */
const WAITING_MS = 60 * 60_000;
/** How often one that a brake holds is; its lifting makes it due at once. */
const PAUSED_MS = 60_000;
/** Starts in a row that wrote nothing new, before a run is given up. */
const MOST_STARTS = 3;

/** A run that is due: its execution is started, started anew, or left alone. `always` asks after it in any case. */
export async function reconcileRun(
  deps: ReconcileRunDeps,
  row: RunRow,
  always = false,
): Promise<readonly Deed[]> {
  const runId = row.id;
  const now = deps.now().getTime();
  const records = await deps.journal.whole(runId);
  const run = record(records, runKey, 'run');
  if (!run) {
    // Of a start that is under way, or that never got as far as an answer.
    if (row.due !== undefined && row.due <= now) await deps.rows.deleteIf('run', runId, { due: row.due });
    return [];
  }
  /** Only while it is due as it was read: who cancels it meanwhile has made it due for a reason. */
  const change = (fields: { readonly status?: RunRow['status']; readonly due: number }) =>
    deps.rows.change('run', runId, fields, row.due);
  const stand = standOf(records);
  const failed = record(records, failedKey, 'failed');
  const cancel = record(records, cancelKey, 'cancel');
  if (failed) await abandon(deps, run, failed);
  else if (cancel) await cancelHolds(deps, runId);
  if (stand.ended) {
    await leaveRoom(deps.rows, run.body);
    const status = failed ? 'failed' : (stand.turn?.body.end?.status ?? 'finished');
    await deps.rows.change('run', runId, { status, due: undefined });
    return [];
  }

  const last = stand.execs.at(-1);
  if (!last) {
    await deps.journal.put(runId, execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [run]);
    await deps.workflow.start(runId, 1);
    return ['started'];
  }
  if (row.status === 'running' && !cancel && !always && onlyWaits(stand) && !timeToAsk(records, now)) {
    await change({ due: now + WELL_MS });
    return [];
  }
  const deeds: Deed[] = [];
  const status = await deps.workflow.status(runId, last.body.exec);
  if (status === 'unknown') {
    // Written and never started, or gone with the one machine's process: the same name again (F2, F32).
    await deps.workflow.start(runId, last.body.exec);
    deeds.push('started');
  } else if (status === 'succeeded') {
    // It paused for a brake, or asked for renewal.
    if (!cancel && (await isStopped(deps, run.body, stand.branches))) {
      await change({ due: now + PAUSED_MS });
      return [];
    }
    await startNext(deps, runId, last, row.status === 'paused' ? 'resumed' : 'renewed');
    deeds.push('started');
  } else if (status === 'died') {
    if (startsInVain(stand.execs, records) >= MOST_STARTS) {
      await giveUp(deps, run, last);
      return ['givenUp'];
    }
    await startNext(deps, runId, last, 'restarted');
    deeds.push('started');
  }
  const inEffect = stand.branches.some((branch) => branch.tries.length > 0 && !branch.result);
  await change({ status: 'running', due: now + (inEffect ? SETTLING_MS : WELL_MS) });
  return deeds;
}

/** All that it does not wait for people with is done. Should its execution die, their decision finds nobody waiting. */
const onlyWaits = ({ branches }: RunStand): boolean =>
  branches.some(openHold) && branches.every((branch) => isComplete(branch) || openHold(branch) !== undefined);

/** Whether in a long wait it is time again. Follows from the records, so nothing is kept of who asked when. */
function timeToAsk(records: Records, now: number): boolean {
  const newest = Math.max(...[...records.values()].map(({ body }) => Date.parse(body.at)));
  return (now - newest) % WAITING_MS < 2 * WELL_MS;
}

/** Told first: a crash before the record tells it once more, and none leaves a run that failed unseen. */
async function giveUp(deps: ReconcileRunDeps, run: Stored<BodyOf<'run'>>, last: Stored): Promise<void> {
  const { runId } = run.body;
  const why = `${MOST_STARTS} executions in a row died without a new record`;
  const { record: failed } = await deps.journal.put(runId, failedKey, { kind: 'failed', why }, [last]);
  await abandon(deps, run, failed);
  await leaveRoom(deps.rows, run.body);
  await deps.rows.change('run', runId, { status: 'failed', due: undefined });
}

/** Nothing would follow from a decision any more: what it still asks is taken back. */
async function abandon(
  deps: ReconcileRunDeps,
  run: Stored<BodyOf<'run'>>,
  failed: Stored<BodyOf<'failed'>>,
): Promise<void> {
  const { runId } = run.body;
  await deps.journal.put(runId, cancelKey, { kind: 'cancel', who: 'holdpoint' }, [run, failed]);
  await cancelHolds(deps, runId);
}

/** Whether brakes leave a run nothing to go on with. */
async function isStopped(
  { rows }: ReconcileRunDeps,
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
  deps: ReconcileRunDeps,
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
