import type { Agent } from '../agents/agent.ts';
import { type Journal, record } from '../journal/journal.ts';
import { grantKey } from '../journal/keys.ts';
import type { GrantRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { Json } from '../json.ts';
import type { Ruling } from '../policy/ruling.ts';
import type { Share } from './counters.ts';
import { type GrantTerms, withinLimits } from './grant-terms.ts';
import type { Route, Routes } from './route.ts';

/**
 * Standing grants: an approval given in advance. One counts only where its giver could have approved by themselves,
 * then and now, and never at tier critical; what the policy makes of it is the policy's (`context.granted`).
 */

export interface GrantDeps {
  readonly journal: Journal;
  readonly rows: Rows;
}

/** Grants lie with their agent. */
const scopeOf = (agent: string) => `agent:${agent}`;

/** Gives a grant: the record first, so that none is listed that does not stand. The same id again is the same grant. */
export async function giveGrant(
  { journal, rows }: GrantDeps,
  grant: Omit<GrantRow, 'kind' | 'at'>,
): Promise<GrantRow> {
  const body = { kind: 'granted' as const, ...grant, groups: [...grant.groups] };
  const { record: given } = await journal.put(scopeOf(grant.agent), grantKey(grant.id, 'given'), body, []);
  const { v: _, after: __, ...said } = given.body;
  const row: GrantRow = { ...said, kind: 'grant' };
  if (await standingGrant(journal, grant.agent, grant.id)) await rows.put(row);
  return row;
}

/** Revokes a grant, at once: whoever uses one reads its records right before. */
export async function revokeGrant({ journal, rows }: GrantDeps, grant: GrantRow, who: string): Promise<void> {
  const { id, agent } = grant;
  const scope = scopeOf(agent);
  const given = (await journal.get(scope, [grantKey(id, 'given')])).get(grantKey(id, 'given').sk);
  await journal.put(scope, grantKey(id, 'revoked'), { kind: 'revoked', id, who }, [given]);
  await rows.delete('grant', id);
}

/** The grant by its records, or undefined where it was never given, or has been revoked. */
export async function standingGrant(
  journal: Journal,
  agent: string,
  id: string,
): Promise<GrantRow | undefined> {
  const keys = [grantKey(id, 'given'), grantKey(id, 'revoked')] as const;
  const records = await journal.get(scopeOf(agent), keys);
  const given = record(records, keys[0], 'granted')?.body;
  if (!given || records.has(keys[1].sk)) return undefined;
  return { ...given, kind: 'grant' };
}

/** One use of a grant by one action. */
export const useOf = ({ id }: Pick<GrantRow, 'id'>, key: string): Share => ({
  id: `grant#${id}`,
  key,
  counted: { amountMinor: 0 },
  lasting: true,
});

export interface Wish {
  readonly run: { readonly runId: string; readonly requester: string };
  readonly agent: Agent;
  readonly tool: string;
  readonly args: { readonly [name: string]: Json };
  /** What the policy says without any grant. */
  readonly ruling: Ruling;
  readonly now: Date;
}

/** Why a grant does not cover a wish, or undefined where it does. `groups` are the giver's: then, or now. */
export function uncovered(
  grant: GrantTerms & { readonly who: string },
  wish: Wish,
  groups: readonly string[],
  routes: Routes,
): string | undefined {
  const { run, agent, tool, args, ruling, now } = wish;
  if (grant.agent !== agent.name || grant.tool !== tool) return 'it is for something else';
  if (grant.runId !== undefined && grant.runId !== run.runId) return 'it is for another run';
  if (now.toISOString() >= grant.until) return 'it has expired';
  if (!withinLimits(grant.limits, args)) return 'the arguments are beyond its limits';
  if (ruling.decision !== 'hold') return 'nobody is asked';
  if (ruling.tier === 'critical') return 'nothing critical is granted in advance';
  const route = routes[ruling.route];
  if (!route || !approvesAlone(route, groups)) return `its giver does not decide alone on ${ruling.route}`;
  if (route.fourEyes && [run.requester, agent.owner].includes(grant.who))
    return 'four-eyes: its giver asked for the run or owns the agent';
  return undefined;
}

/** Whether one member of these groups is enough for a route. */
export const approvesAlone = (route: Route, groups: readonly string[]): boolean =>
  route.quorum === 1 && route.distinctGroups === 1 && groups.some((group) => route.groups.includes(group));
