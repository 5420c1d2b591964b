import { Retryable } from '../errors.ts';
import { argsOf, type Branch } from '../journal/branch.ts';
import type { Journal } from '../journal/journal.ts';
import type { BodyOf } from '../journal/records.ts';
import type { GrantRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { Json } from '../json.ts';
import { giveBack, readCounter, type Share, shareOf, sumsOf, take } from '../oversight/counters.ts';
import { standingGrant, useOf } from '../oversight/grants.ts';
import type { Tool } from '../tools/tool.ts';
import { type CheckDeps, type Circumstances, check, type Verdict } from './checks.ts';

export interface TakingDeps extends CheckDeps {
  readonly journal: Journal;
  readonly rows: Rows;
}

/** As many as may meet at one payee, each losing to all others once. */
const MOST_ROUNDS = 50;

/**
 * The checks, and what the action takes of the sums and of the grant that they were made with: taken under the
 * condition that those are still the same, else all is checked anew. So the policy alone judges, and no two actions
 * fit into one gap (T31).
 * @throws Retryable where others were always faster
 */
export async function checkAndTake(
  deps: TakingDeps,
  run: BodyOf<'run'>,
  branch: Branch,
  tool: Tool,
): Promise<Verdict> {
  const own = sharesOf(run, branch, tool);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const sums = own.sum && (await readCounter(deps.rows, own.sum.id));
    const uses = own.use && (await readCounter(deps.rows, own.use.id));
    const beside: Circumstances = {
      ...(own.sum && sums ? { sums: sumsOf(sums, own.sum, deps.now()) } : {}),
      ...(own.use && uses
        ? { grant: await usable(deps, run, branch, sumsOf(uses, own.use, deps.now()).countDay) }
        : {}),
    };
    const verdict = await check(deps, run, branch, beside);
    if (verdict.as !== 'go') return verdict;
    const place = branch.places + 1;
    const taken = own.sum && sums ? await take(deps.rows, sums, own.sum, place, deps.now()) : 'taken';
    const used =
      own.use && uses && verdict.granted ? await take(deps.rows, uses, own.use, place, deps.now()) : 'taken';
    if (taken === 'over' || used === 'over') throw new Retryable('another attempt was first');
    if (taken === 'taken' && used === 'taken') return verdict;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
  }
  throw new Retryable('too many actions take from one sum at once');
}

/**
 * What is not done gives back what it took: nothing has happened by the tries up to this place, and nothing will. An
 * attempt that had passed its checks before cannot take after this (F18).
 */
export async function giveBackShare(
  { rows, now }: Pick<TakingDeps, 'rows' | 'now'>,
  run: BodyOf<'run'>,
  branch: Branch,
  tool: Tool,
  place: number,
): Promise<void> {
  if (!mayHaveTaken(branch)) return;
  const { sum, use } = sharesOf(run, branch, tool);
  if (sum) await giveBack(rows, sum, place, now());
  if (use) await giveBack(rows, use, place, now());
}

/** Nobody takes for what was never allowed, approved, or edited into something that is allowed. */
const mayHaveTaken = ({ action, holds }: Branch) =>
  action.ruling.decision === 'allow' ||
  holds.some(({ settled }) => settled?.body.outcome === 'approved' || settled?.body.outcome === 'edited');

interface Shares {
  readonly sum: Share | undefined;
  readonly use: Share | undefined;
}

function sharesOf(run: BodyOf<'run'>, branch: Branch, tool: Tool): Shares {
  const key = `${run.runId}.${branch.actionId}`;
  const id = grantOf(branch);
  return {
    sum: shareOf(run.agent, tool, argsOf(branch) as Json, key),
    use: id === undefined ? undefined : useOf({ id }, key),
  };
}

const grantOf = ({ action: { ruling } }: Branch) => (ruling.decision === 'allow' ? ruling.grant : undefined);

/** The grant that the action was allowed by, or why it is none any more. */
async function usable(
  { journal }: TakingDeps,
  run: BodyOf<'run'>,
  branch: Branch,
  usedByOthers: number,
): Promise<GrantRow | string> {
  const grant = await standingGrant(journal, run.agent, grantOf(branch) ?? '');
  if (!grant) return 'it has been revoked';
  return usedByOthers < grant.uses ? grant : 'it is used up';
}
