import { type Branch, branchOf, DOUBT_ANSWERS } from '../../lambdas/journal/branch.ts';
import { againKey, holdKey, intentKey, outcomeKey, settledKey, turnKey } from '../../lambdas/journal/keys.ts';
import type { Body, BodyOf, Stored } from '../../lambdas/journal/records.ts';
import type { Ruling } from '../../lambdas/policy/ruling.ts';

/** Branches as their records show them, for what only folds them. */

const ACTION = '0001.00';
const BEGIN = Date.parse('2026-03-02T09:00:00Z');
export const at = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString();
const base = { v: 1 as const, at: at(0), after: {} };
export const TIMEOUT_S = 20;

type Said = (typeof DOUBT_ANSWERS)[number];

/** How a try stands: begun at so many seconds, and what it came to. */
export interface Made {
  readonly at: number;
  readonly told?: 'unknown' | 'refused' | 'refused for good';
  readonly owner?: string;
  /** What people were asked of it, and what they said. */
  readonly asked?: 'open' | 'expired' | 'rejected' | Said;
}

export function branchWith(tries: readonly Made[], decided = 0): Branch {
  const records = new Map<string, Stored>();
  const put = (sk: string, body: Body) => records.set(sk, { sk, hash: sk, body });
  const ruling: Ruling = { decision: 'allow', tier: 'low', policyVersion: 'p', policies: [], reason: '' };
  const action = { tool: 'pay', toolVersion: 1, args: {}, digest: 'd', ruling };
  const turn: BodyOf<'turn'> = {
    ...base,
    kind: 'turn',
    turn: 1,
    text: '',
    actions: [action],
    usage: { input: 0, output: 0 },
  };
  let holds = 0;
  for (const [i, made] of tries.entries()) {
    const n = i + 1;
    const owner = made.owner ?? 'p1:x';
    const intent = { key: 'k', digest: 'd', owner, deadline: at(made.at + TIMEOUT_S) };
    put(intentKey(ACTION, n).sk, { ...base, at: at(made.at), kind: 'intent', ...intent });
    if (made.told) {
      const outcome = made.told === 'unknown' ? ('unknown' as const) : ('nothing happened' as const);
      const retry = made.told === 'unknown' ? {} : { retry: made.told === 'refused' };
      const detail = `try ${n}: ${made.told}`;
      put(outcomeKey(ACTION, n).sk, { ...base, kind: 'outcome', owner, outcome, detail, ...retry });
    }
    if (made.asked) ask(put, holds++, n, made.asked);
  }
  for (let n = tries.length + 1; n <= tries.length + decided; n++) {
    const instead = { kind: 'result', outcome: 'not performed', why: '' } as const;
    const nothing = { key: '', digest: 'd', owner: '', deadline: at(0), instead };
    put(intentKey(ACTION, n).sk, { ...base, kind: 'intent', ...nothing });
  }
  return branchOf({ sk: turnKey(1).sk, hash: 'turn', body: turn }, 0, records);
}

function ask(put: (sk: string, body: Body) => void, hold: number, n: number, asked: Made['asked']) {
  const about = {
    why: 'in doubt',
    detail: '',
    asks: 'doubt',
    route: 'in-doubt',
    tier: 'low',
    try: n,
  } as const;
  put(againKey(ACTION, hold).sk, { ...base, kind: 'again', ...about });
  const opened = { asks: 'doubt', level: 0, route: 'in-doubt', tier: 'low', why: '', digest: 'd' } as const;
  const route = { groups: ['ops'], quorum: 1, distinctGroups: 1, fourEyes: false, excluded: [] };
  const time = { remindAt: at(50), expiresAt: at(100), onExpiry: 'tell' } as const;
  put(holdKey(ACTION, hold).sk, { ...base, kind: 'hold', ...opened, ...route, ...time });
  if (asked === 'open') return;
  const who = { who: 'dot', decision: 'answer' as const, groups: ['ops'], at: at(60) };
  const settled = DOUBT_ANSWERS.some((answer) => answer === asked)
    ? { outcome: 'answered' as const, answer: asked as Said, votes: [who] }
    : { outcome: asked as 'expired' | 'rejected', votes: [] };
  put(settledKey(ACTION, hold).sk, { ...base, kind: 'settled', digest: 'd', ...settled });
}
