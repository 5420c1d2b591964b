import type { Agent } from '../agents/agent.ts';
import type { GrantRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';
import type { JsonObject } from '../json.ts';
import type { ProposedCall } from '../model/model.ts';
import { NOTHING, readCounter, type Share, type Sums, shareOf, sumsOf } from '../oversight/counters.ts';
import { uncovered, useOf } from '../oversight/grants.ts';
import type { Routes } from '../oversight/route.ts';
import type { Ruling } from '../policy/ruling.ts';

/**
 * What stands beside the actions of one turn while they are ruled on. Read, never taken: Perform takes, and whatever
 * has become less meanwhile is asked about.
 */

export interface StandingDeps {
  readonly rows: Rows;
  readonly routes: Routes;
  readonly now: () => Date;
}

/** Sums as a turn's actions find them: what was taken, and what earlier actions of the same turn would take. */
export function counter({ rows, now }: StandingDeps, agent: Agent) {
  const known = new Map<string, Sums>();
  return {
    shareOf(call: ProposedCall, key: string): Share | undefined {
      const tool = agent.tools.find(({ name }) => name === call.tool);
      return tool && shareOf(agent.name, tool, call.args, key);
    },
    async before(share: Share): Promise<Sums> {
      const sums = known.get(share.id) ?? sumsOf(await readCounter(rows, share.id), share, now());
      known.set(share.id, sums);
      return sums;
    },
    add({ id, counted }: Share): void {
      const { amountDay, countDay } = known.get(id) ?? NOTHING;
      known.set(id, { amountDay: amountDay + counted.amountMinor, countDay: countDay + 1 });
    },
  };
}

export type Granting = ReturnType<typeof granting>;

/** Grants as a turn's actions find them; nothing is read before an action would be held. */
export function granting({ rows, routes, now }: StandingDeps, agent: Agent) {
  let all: Promise<readonly GrantRow[]> | undefined;
  const used = new Map<string, number>();
  const left = async (grant: GrantRow): Promise<number> => {
    const use = useOf(grant, '');
    const before = used.get(grant.id) ?? sumsOf(await readCounter(rows, use.id), use, now()).countDay;
    used.set(grant.id, before);
    return grant.uses - before;
  };
  return {
    /** A grant that covers this, the one that expires first. */
    async find(
      run: { readonly runId: string; readonly requester: string },
      tool: string,
      args: JsonObject,
      ruling: Ruling,
    ): Promise<GrantRow | undefined> {
      all ??= rows.list('grant');
      const wish = { run, agent, tool, args, ruling, now: now() };
      const covering = (await all).filter(
        (grant) => uncovered(grant, wish, grant.groups, routes) === undefined,
      );
      for (const grant of covering.toSorted((a, b) => (a.until < b.until ? -1 : 1))) {
        if ((await left(grant)) > 0) return grant;
      }
      return undefined;
    },
    use({ id }: GrantRow): void {
      used.set(id, (used.get(id) ?? 0) + 1);
    },
  };
}
