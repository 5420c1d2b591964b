import type { Decision } from '../journal/records.ts';
import type { ApproverRow } from '../journal/row-kinds.ts';
import type { Rows } from '../journal/rows.ts';

/**
 * How somebody decides: figures for those who answer for the approvers, and an alarm for what looks like approving
 * without looking (T4, T34). Beside the records, which they follow from; no decision depends on them.
 */

/** So many approvals within so long are more than anybody reads. */
export const UNUSUAL = { approvals: 30, withinMs: 5 * 60_000 } as const;

const MOST_SECONDS = 200;
const MOST_HOLDS = 200;

export interface Decided {
  readonly who: string;
  readonly holdId: string;
  readonly decision: Decision;
  /** From the hold's opening to the decision. */
  readonly seconds: number;
  /** The hold was a canary, which must be rejected. */
  readonly canary: boolean;
  readonly at: Date;
}

/** Counts a decision on an approval, once however often it is told. @returns what is to be looked at, if anything */
export async function countDecision(rows: Rows, decided: Decided): Promise<string | undefined> {
  for (let round = 0; round < 10; round++) {
    const row = (await rows.get('approver', decided.who)) ?? newApprover(decided.who);
    if (row.holds.includes(decided.holdId)) return undefined;
    const { next, alarm } = withDecision(row, decided);
    if (await rows.putNext(next)) return alarm;
  }
  return undefined;
}

const newApprover = (id: string): ApproverRow => ({
  kind: 'approver',
  id,
  version: 0,
  votes: 0,
  approvals: 0,
  canariesMissed: 0,
  canariesCaught: 0,
  seconds: [],
  recent: [],
  holds: [],
});

function withDecision(row: ApproverRow, decided: Decided): { next: ApproverRow; alarm: string | undefined } {
  const { who, decision, seconds, canary, at } = decided;
  const approved = decision === 'approve';
  const since = at.getTime() - UNUSUAL.withinMs;
  const before = row.recent.filter((time) => time > since);
  const recent = approved ? [...before, at.getTime()].slice(-UNUSUAL.approvals) : before;
  const missed = canary && approved;
  const unusual = approved && recent.length >= UNUSUAL.approvals && (row.alarmedAt ?? 0) <= since;
  const alarm = missed
    ? `${who} approved a canary`
    : unusual
      ? `${who} approved ${recent.length} actions within ${UNUSUAL.withinMs / 60_000} minutes`
      : undefined;
  const next = {
    ...row,
    version: row.version + 1,
    votes: row.votes + 1,
    approvals: row.approvals + (approved ? 1 : 0),
    canariesMissed: row.canariesMissed + (missed ? 1 : 0),
    canariesCaught: row.canariesCaught + (canary && decision === 'reject' ? 1 : 0),
    seconds: [...row.seconds, Math.round(seconds)].slice(-MOST_SECONDS),
    recent,
    holds: [...row.holds, decided.holdId].slice(-MOST_HOLDS),
    ...(unusual ? { alarmedAt: at.getTime() } : {}),
  };
  return { next, alarm };
}

export interface Figures {
  readonly who: string;
  readonly votes: number;
  readonly approvals: number;
  /** 0 to 1. */
  readonly approvalShare: number;
  /** Of the last decisions, from the hold's opening. */
  readonly medianSeconds: number;
  readonly canariesMissed: number;
  readonly canariesCaught: number;
}

export function figuresOf(row: ApproverRow): Figures {
  const { id: who, votes, approvals, canariesMissed, canariesCaught } = row;
  const sorted = row.seconds.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const medianSeconds = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
  const approvalShare = votes === 0 ? 0 : approvals / votes;
  return { who, votes, approvals, approvalShare, medianSeconds, canariesMissed, canariesCaught };
}
