import type { Routes } from '../oversight/route.ts';
import type { Policy } from './annotations.ts';
import { TIERS, type Tier } from './ruling.ts';

/** A ruling in the making. */
export interface Verdict {
  readonly decision: 'allow' | 'hold' | 'deny';
  readonly tier: Tier;
  readonly policies: readonly string[];
  readonly reason: string;
  /** Set exactly where the decision is hold. */
  readonly route?: string;
}

const RANK = { allow: 0, hold: 1, deny: 2 } as const;

export const highest = (...tiers: readonly Tier[]): Tier =>
  tiers.reduce((a, b) => (TIERS.indexOf(a) < TIERS.indexOf(b) ? b : a));

/** The strictest of some routes; of equally strict ones always the same. */
export const strictest = (names: readonly string[], routes: Routes): string => {
  const strictness = (name: string) => routes[name]?.strictness ?? Number.POSITIVE_INFINITY;
  const [first = ''] = names.toSorted((a, b) => strictness(b) - strictness(a) || (a < b ? -1 : 1));
  return first;
};

/** Neither less than the one nor than the other. */
export const stricter = (a: Verdict, b: Verdict, routes: Routes): Verdict => {
  const tier = highest(a.tier, b.tier);
  if (a.route !== undefined && b.route !== undefined) {
    const route = strictest([a.route, b.route], routes);
    return { ...(route === a.route ? a : b), tier, policies: [...new Set([...a.policies, ...b.policies])] };
  }
  return { ...(RANK[a.decision] >= RANK[b.decision] ? a : b), tier };
};

/** What the satisfied policies say together: deny > hold > allow, and none at all is a denial. */
export const together = (satisfied: readonly Policy[], tier: Tier, routes: Routes): Verdict => {
  const forbids = satisfied.filter((policy) => policy.says === 'forbid');
  const raised = highest(tier, ...satisfied.flatMap((policy) => policy.tier ?? []));
  if (forbids.length > 0) {
    return {
      decision: 'deny',
      tier: raised,
      policies: idsOf(forbids),
      reason: reasonsOf(forbids, 'the policy forbids it'),
    };
  }
  const holds = satisfied.filter((policy) => policy.says === 'hold');
  if (holds.length > 0) {
    const route = strictest(
      holds.map((policy) => policy.route),
      routes,
    );
    return {
      decision: 'hold',
      route,
      tier: raised,
      policies: idsOf(holds),
      reason: reasonsOf(holds, 'the policy wants a decision'),
    };
  }
  if (satisfied.length > 0) {
    return {
      decision: 'allow',
      tier: raised,
      policies: idsOf(satisfied),
      reason: reasonsOf(satisfied, 'the policy allows it'),
    };
  }
  return { decision: 'deny', tier, policies: [], reason: 'no policy allows this with these arguments' };
};

const idsOf = (policies: readonly Policy[]): string[] => policies.map(({ id }) => id).sort();

/** For people: what the policies say why, each once; the ids name them. */
const reasonsOf = (policies: readonly Policy[], otherwise: string): string =>
  [...new Set(policies.flatMap(({ reason }) => reason ?? []))].join('; ') || otherwise;
