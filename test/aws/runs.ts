import assert from 'node:assert/strict';
import type { Environment } from '../../lambdas/environment.ts';
import { parseHoldId } from '../../lambdas/journal/keys.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import type { RunView } from '../../lambdas/runs/run-schema.ts';
import { viewRun } from '../../lambdas/runs/run-view.ts';
import { until } from '../support/listed-tests.ts';
import { type OpenedPage, openPage } from './pages.ts';

/** A deployment as whoever has its keys sees it: the functions' own code over its tables. */
export interface Seen {
  readonly environment: Environment;
  /** Base of the API, as it is reached from here. */
  readonly api: string;
  /** How long something may take that takes a moment, in milliseconds. */
  readonly patienceMs: number;
}

export async function runOf({ environment }: Seen, runId: string): Promise<RunView> {
  const { journal, rows } = environment;
  const [records, row] = await Promise.all([journal.whole(runId), rows.get('run', runId)]);
  const view = viewRun(records, { rowStatus: row?.status, now: new Date() });
  assert.ok(view, `there is no run ${runId}`);
  return view;
}

/** The holds of a run, once `count` are open and somebody waits for each. */
export function heldOf(
  { environment, patienceMs }: Seen,
  runId: string,
  count = 1,
): Promise<readonly HoldRow[]> {
  const { journal, rows } = environment;
  const look = async () => {
    const open = await rows.list('hold', `${runId}.`);
    const records = await journal.whole(runId);
    const opened = open.filter(({ actionId, id }) =>
      records.has(`act#${actionId}#hold#${id.split('.').at(-1)}`),
    );
    return opened.length >= count && opened;
  };
  return until(`${count} open holds of ${runId}`, look, { withinMs: patienceMs });
}

export function endOf(seen: Seen, runId: string, withinMs = seen.patienceMs): Promise<RunView> {
  const look = async () => {
    const view = await runOf(seen, runId);
    return view.endedAt !== undefined && view;
  };
  return until(`${runId} ends`, look, { withinMs });
}

/** One person's link to a hold, signed with the deployed key: no log and no answer has it. */
export async function linkOf(
  { environment, api }: Seen,
  hold: Pick<HoldRow, 'id' | 'expiresAt'>,
  who: string,
): Promise<string> {
  const at = parseHoldId(hold.id);
  assert.ok(at);
  const links = await environment.links();
  return api + (await links.sign(at, who, new Date(hold.expiresAt)));
}

export async function pageOf(seen: Seen, hold: HoldRow, who: string): Promise<OpenedPage> {
  const page = await openPage(await linkOf(seen, hold, who));
  assert.equal(page.status, 200, page.markup);
  return page;
}
