import type { Routes } from '../../lambdas/oversight/route.ts';
import type { Ruling } from '../../lambdas/policy/ruling.ts';

/** A small world of people, routes and policies, with every way to be excluded, too few, or of one group. */

export const REQUESTER = 'asker';
export const OWNER = 'owner';
export const AGENT = 'teller';
export const TOOL = 'pay';

/** Who belongs to which groups. */
export type Groups = Readonly<Record<string, readonly string[]>>;

export const PEOPLE: Groups = {
  [REQUESTER]: ['leads', 'finance', 'ops'],
  [OWNER]: ['leads', 'finance'],
  ann: ['leads', 'finance'],
  bob: ['leads', 'ops'],
  cas: ['finance'],
  dot: ['finance', 'ops'],
};

const LIMIT_SECONDS = 100;
const usual = { limitSeconds: LIMIT_SECONDS, remindAt: 0.5, onExpiry: 'tell' } as const;

export const ROUTES: Routes = {
  lead: {
    ...usual,
    groups: ['leads'],
    quorum: 1,
    distinctGroups: 1,
    fourEyes: true,
    next: 'strict',
    strictness: 30,
  },
  strict: {
    ...usual,
    groups: ['finance', 'ops'],
    quorum: 2,
    distinctGroups: 2,
    fourEyes: true,
    strictness: 60,
  },
  'in-doubt': { ...usual, groups: ['ops'], quorum: 1, distinctGroups: 1, fourEyes: false, strictness: 10 },
};

export const POLICIES = ['allow', 'lead', 'strict', 'deny', 'by amount', 'capped'] as const;
export type Policy = (typeof POLICIES)[number];

/** What may go out in a day without anybody's approval, where policy is `capped`. */
export const CAP = 52;

/** What a policy says of an amount, after what went out before: allow, deny, or the route that must approve. */
export function says(policy: Policy, amount: number, before: number): 'allow' | 'deny' | 'lead' | 'strict' {
  if (policy === 'capped') return before + amount <= CAP ? 'allow' : 'lead';
  if (policy !== 'by amount') return policy;
  if (amount <= 10) return 'allow';
  if (amount <= 100) return 'lead';
  return amount <= 1000 ? 'strict' : 'deny';
}

export function rulingOf(policy: Policy, amount: number, before = 0): Ruling {
  const said = says(policy, amount, before);
  const base = { tier: 'medium' as const, policyVersion: policy, policies: [policy], reason: policy };
  if (said === 'allow' || said === 'deny') return { decision: said, ...base };
  return { decision: 'hold', route: said, ...base };
}
