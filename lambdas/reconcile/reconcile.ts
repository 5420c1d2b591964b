import type { HoldRow, RunRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import { SETTLING_MS } from '../oversight/deliver.ts';
import type { Deed } from './deed.ts';
import { type Claim, type NoticesDeps, tell } from './notices.ts';
import { type ReconcileHoldDeps, reconcileHold } from './reconcile-hold.ts';
import { type ReconcileRunDeps, reconcileRun } from './reconcile-run.ts';

export type ReconcileDeps = ReconcileRunDeps & ReconcileHoldDeps & NoticesDeps;

export interface PassOptions {
  /** Looks at every unfinished run, due or not: after a restart of the one machine, where no execution is left. */
  readonly allRuns?: boolean;
  /** How long the pass may still take, in milliseconds. @default for ever */
  readonly leftMs?: () => number;
  /** A row that takes longer is left, and none is begun in so much of the pass's end. @default 10000 */
  readonly rowMs?: number;
}

/** What one pass came to: counts, one by one a metric. */
export interface Reconciled {
  /** Rows that were looked at. */
  readonly runs: number;
  readonly holds: number;
  /** Of these, where it ended in an error or took too long; they come again in half a minute, behind the others. */
  readonly failed: number;
  /** Holds that this pass has settled, and those of them that nobody had decided in time. */
  readonly settled: number;
  readonly expired: number;
  /** Settlements that an execution took which was still waiting. */
  readonly delivered: number;
  /** Holds of which people were told only now, and reminders and warnings. */
  readonly toldLate: number;
  readonly reminded: number;
  /** Executions that were started, the same one again included. */
  readonly started: number;
  /** Runs that have failed for good. */
  readonly givenUp: number;
  /** Seconds for which the row that had waited longest had been due when the pass began. */
  readonly lagSeconds: number;
  /** 1 where the time was over before all rows had been looked at: the next pass begins with the others. */
  readonly cutShort: number;
}

const AT_ONCE = 16;
const PAGE = 100;

/**
 * Makes Step Functions agree with the journal for everything that is due: idempotent, and harmless to run twice at once.
 *
 * Runs and holds are walked beside each other, each from the row that has been due for longest; so what a pass does not
 * come to is first in the next one, and a row that fails is put off behind all others: neither starves anything.
 */
export async function reconcile(deps: ReconcileDeps, options: PassOptions = {}): Promise<Reconciled> {
  const { allRuns = false, leftMs = () => Number.POSITIVE_INFINITY, rowMs = 10_000 } = options;
  const began = deps.now().getTime();
  const counts = { ...NOTHING };
  const claims: Claim[] = [];

  const walk = async <K extends 'run' | 'hold'>(
    kind: K,
    by: number | undefined,
    one: (row: DueRow<K>) => Promise<readonly Deed[]>,
  ) => {
    const queue = dueRows(deps.rows, kind, by);
    const work = async () => {
      while (leftMs() > rowMs) {
        const { value: row } = await queue.next();
        if (!row) return;
        counts[`${kind}s`] += 1;
        counts.lagSeconds = Math.max(counts.lagSeconds, Math.floor((began - (row.due ?? began)) / 1000));
        try {
          for (const deed of await within(rowMs, one(row))) counts[deed] += 1;
        } catch (error) {
          counts.failed += 1;
          const where = kind === 'run' ? { runId: row.id } : { holdId: row.id };
          const detail = `${kind} ${row.id}: ${String(error)}`;
          deps.report('could not reconcile', { ...where, error, detail }, { Errors: 1 });
          await putOff(deps, kind, row).catch(() => {});
        }
      }
      counts.cutShort = 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  await Promise.all([
    walk('run', allRuns ? undefined : began, (row) => reconcileRun(deps, row, allRuns)),
    walk('hold', began, (row) => reconcileHold(deps, row, (claim) => claims.push(claim))),
  ]);
  const { deeds, failed } = await tell(deps, claims);
  for (const deed of deeds) counts[deed] += 1;
  counts.failed += failed;
  return counts;
}

const NOTHING = {
  runs: 0,
  holds: 0,
  failed: 0,
  settled: 0,
  expired: 0,
  delivered: 0,
  toldLate: 0,
  reminded: 0,
  started: 0,
  givenUp: 0,
  lagSeconds: 0,
  cutShort: 0,
} satisfies Reconciled;

type DueRow<K extends 'run' | 'hold'> = K extends 'run' ? RunRow : HoldRow;

/**
 * The rows that are due by then, page by page, each once: the work moves rows within the very index that lists them,
 * and what has been moved meanwhile may be listed again.
 */
async function* dueRows<K extends 'run' | 'hold'>(rows: Rows, kind: K, by: number | undefined) {
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const page = await rows.due(kind, by, { limit: PAGE, ...(next === undefined ? {} : { next }) });
    for (const row of page.items as unknown as DueRow<K>[]) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      yield row;
    }
    next = page.next;
  } while (next !== undefined);
}

/** Only while it is due as it was read: who has made it due meanwhile waits for something. */
async function putOff({ rows, now }: ReconcileDeps, kind: 'run' | 'hold', { id, due }: RunRow | HoldRow) {
  if (due !== undefined) await rows.change(kind, id, { due: now().getTime() + SETTLING_MS }, due);
}

/** @throws Error where it takes longer; it may still come to its end, which changes nothing that another pass does not. */
async function within<T>(milliseconds: number, done: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
