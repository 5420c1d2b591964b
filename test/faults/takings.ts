import { support } from '../../lambdas/agents/support.ts';
import { argsOf, type Branch } from '../../lambdas/journal/branch.ts';
import { type Records, record } from '../../lambdas/journal/journal.ts';
import { runKey } from '../../lambdas/journal/keys.ts';
import type { Json } from '../../lambdas/json.ts';
import { shareOf } from '../../lambdas/oversight/counters.ts';
import { useOf } from '../../lambdas/oversight/grants.ts';
import type { Effect } from '../../lambdas/sandbox/ledger.ts';
import type { Evidence } from './judge.ts';

/** What is wrong with what was taken: of the sums of a payee, and of the uses of a grant. */
export interface Takings {
  /** Taken, and nothing happened. */
  readonly leaked: readonly string[];
  /** Happened, and not taken. */
  readonly missing: readonly string[];
  readonly twice: readonly string[];
}

/**
 * Holds what was taken against what happened: by each action that had its effect its own amount once, under a grant one
 * use of it, and by nothing else anything.
 */
export function takings(
  { runId, counters, grants = [] }: Evidence,
  records: Records,
  branches: readonly Branch[],
  effects: readonly Effect[],
): Takings {
  const agent = record(records, runKey, 'run')?.body.agent ?? '';
  if (!counters) return { leaked: [], missing: [], twice: [] };
  const found = counters.flatMap(({ id, taken }) =>
    taken
      .filter(({ key, count }) => count > 0 && key.startsWith(`${runId}.`))
      .map((taking) => ({ id, ...taking })),
  );
  const due = branches.flatMap((branch) => {
    const { actionId, action, holds, result } = branch;
    const happened = effects.some(({ key }) => key?.startsWith(`${runId}.${actionId}.`));
    const unknown = result?.body.outcome === 'left in doubt';
    if (!happened && !unknown) return [];
    const key = `${runId}.${actionId}`;
    const tool = support.tools.find(({ name }) => name === action.tool);
    const sum = tool && shareOf(agent, tool, argsOf(branch) as Json, key);
    const asked = holds.some(({ asks }) => asks === 'approval');
    const grant = action.ruling.decision === 'allow' && !asked ? action.ruling.grant : undefined;
    const use = grant === undefined ? undefined : useOf({ id: grant }, key);
    return [sum, use].flatMap((share) => (share ? [{ share, unknown }] : []));
  });
  const same = (share: { id: string; key: string }) => (taking: { id: string; key: string }) =>
    taking.id === share.id && taking.key === share.key;
  return {
    leaked: found
      .filter((taking) => !due.some(({ share }) => same(share)(taking)))
      .map(({ id, key }) => `${key} has taken of ${id}, and nothing happened`),
    missing: due
      .filter(({ share, unknown }) => !unknown && !found.some(same(share)))
      .map(({ share: { id, key } }) => `${key} happened, and has taken nothing of ${id}`),
    twice: [
      ...due.flatMap(({ share }) => {
        const own = found.filter(same(share));
        const amount = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        const right = own.length === 0 || (own.length === 1 && amount === share.counted.amountMinor);
        return right ? [] : [`${share.key} has taken ${amount} of ${share.id}, ${own.length} times`];
      }),
      ...grants.flatMap((grant) => {
        const used =
          counters.find(({ id }) => id === useOf(grant, '').id)?.taken.filter(({ count }) => count > 0)
            .length ?? 0;
        return used > grant.uses ? [`grant ${grant.id} was used ${used} times of ${grant.uses}`] : [];
      }),
    ],
  };
}
