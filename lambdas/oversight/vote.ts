import { DOUBT_ANSWERS } from '../journal/branch.ts';
import { canonical } from '../journal/digest.ts';
import type { Journal } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { type HoldAddress, holdId, holdKey, settledKey, voteKey } from '../journal/keys.ts';
import type { BodyOf, Decision } from '../journal/records.ts';
import type { Rows } from '../journal/rows.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Workflow } from '../workflow-client.ts';
import { barred, groupsOf } from './authority.ts';
import { deliver, SETTLING_MS } from './deliver.ts';
import type { Directory } from './directory.ts';
import { endedByTime, type Settled, settle, type Vote } from './settle.ts';

/** One person's decision as it arrives. */
export interface Ballot {
  readonly who: string;
  readonly via: 'link' | 'token';
  readonly decision: Decision;
  /** The digest of what the person was shown. */
  readonly digest: string;
  readonly args?: JsonObject;
  readonly answer?: string;
  /** Whom a delegation asks instead: their subject id. */
  readonly to?: string;
  readonly comment?: string;
}

/** What became of it. `settled` says how the hold ended, where it has. */
export type Cast =
  | { readonly as: 'counted'; readonly vote: Vote; readonly settled: Settled | undefined }
  | { readonly as: 'unknown hold' }
  | { readonly as: 'forbidden'; readonly why: string }
  | { readonly as: 'settled otherwise'; readonly settled: Settled }
  | { readonly as: 'expired'; readonly settled: Settled | undefined }
  | { readonly as: 'voted otherwise'; readonly vote: Vote; readonly settled: Settled | undefined }
  | { readonly as: 'other digest'; readonly digest: string }
  | { readonly as: 'unfit'; readonly field: string; readonly why: string };

export interface VoteDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly directory: Directory;
  readonly now: () => Date;
}

/**
 * Casts a vote: vote, settlement, delivery, and the hold leaves the inbox, in this order, so that a crash after any
 * of them leaves something that the reconciler finishes. The same vote again gets the same receipt (F7, T9).
 */
export async function castVote(deps: VoteDeps, at: HoldAddress, ballot: Ballot): Promise<Cast> {
  const own = {
    hold: holdKey(at.actionId, at.hold),
    vote: voteKey(at.actionId, at.hold, ballot.who),
    settled: settledKey(at.actionId, at.hold),
  };
  const [records, member] = await Promise.all([
    deps.journal.get(at.runId, Object.values(own)),
    deps.directory.find(ballot.who),
  ]);
  const hold = record(records, own.hold, 'hold');
  if (!hold) return { as: 'unknown hold' };
  const bar = barred(hold.body, member);
  if (bar !== undefined || !member) return { as: 'forbidden', why: bar ?? '' };

  const before = record(records, own.vote, 'vote');
  const settledBefore = record(records, own.settled, 'settled');
  if (before && !same(before, ballot)) return { as: 'voted otherwise', vote: before, settled: settledBefore };
  if (!before) {
    if (settledBefore) return ended(settledBefore);
    if (deps.now().toISOString() > hold.body.expiresAt)
      return { as: 'expired', settled: await settle(deps, at) };
    if (ballot.digest !== hold.body.digest) return { as: 'other digest', digest: hold.body.digest };
    const unfit = misfit(hold.body, ballot) ?? (await misdelegation(deps, at, hold.body, ballot));
    if (unfit) return { as: 'unfit', ...unfit };
  }

  // Due soon, and only then voted: should we die before the settlement is delivered, the reconciler looks in, and
  // where nothing is settled yet it puts the row back to its reminder. We do not: somebody else may be voting.
  if (!settledBefore) {
    await deps.rows.change('hold', holdId(at), { due: deps.now().getTime() + SETTLING_MS });
  }
  const { decision, digest, via, args, answer, to, comment } = ballot;
  const body = {
    kind: 'vote' as const,
    who: member.id,
    decision,
    digest,
    via,
    groups: groupsOf(hold.body, member),
    ...(args === undefined ? {} : { args: args as never }),
    ...(answer === undefined ? {} : { answer }),
    ...(to === undefined ? {} : { to }),
    ...(comment === undefined ? {} : { comment }),
  };
  const vote =
    before ??
    (await deps.journal.put(at.runId, voteKey(at.actionId, at.hold, member.id), body, [hold])).record;
  if (!same(vote, ballot)) return { as: 'voted otherwise', vote, settled: settledBefore };

  const settled = await settle(deps, at);
  if (settled) await deliver(deps, at, settled);
  const counted = settled?.body.votes.some(({ who }) => who === member.id);
  if (settled && !counted && !(before && overtaken(before, settled))) return ended(settled);
  return { as: 'counted', vote, settled };
}

/**
 * An approval that had its receipt while the hold was open, before somebody decided otherwise, gets it again, and so
 * does a delegation. Every other vote that the settlement does not name came too late: a rejection settles or is late (I7).
 */
const overtaken = ({ body: { decision } }: Vote, settled: Settled): boolean =>
  decision === 'delegate' ||
  (decision === 'approve' &&
    settled.body.outcome !== 'approved' &&
    ended(settled).as === 'settled otherwise');

const ended = (settled: Settled): Cast => ({
  as: endedByTime(settled.body) ? 'expired' : 'settled otherwise',
  settled,
});

const same = (vote: Vote, ballot: Ballot) =>
  vote.body.decision === ballot.decision &&
  vote.body.digest === ballot.digest &&
  canonical((vote.body.args ?? null) as Json) === canonical(ballot.args ?? null) &&
  vote.body.answer === ballot.answer &&
  vote.body.to === ballot.to;

function misfit(hold: BodyOf<'hold'>, ballot: Ballot): { field: string; why: string } | undefined {
  const { decision, answer } = ballot;
  const { asks, choices } = hold;
  if (decision === 'escalate' && hold.next === undefined) {
    return { field: 'decision', why: 'this route has no next level' };
  }
  if (asks === 'approval' && decision === 'answer') {
    return { field: 'decision', why: 'this hold asks for an approval' };
  }
  if (asks !== 'approval' && (decision === 'approve' || decision === 'edit')) {
    return { field: 'decision', why: 'this hold asks for an answer' };
  }
  if (asks === 'doubt' && decision === 'reject') {
    return { field: 'decision', why: `a doubt is answered, with one of: ${DOUBT_ANSWERS.join(', ')}` };
  }
  if (decision === 'answer' && !answer?.trim()) return { field: 'answer', why: 'an answer is needed' };
  if (decision === 'answer' && choices && !choices.includes(answer ?? '')) {
    return { field: 'answer', why: `one of: ${choices.join(', ')}` };
  }
  if (decision === 'delegate' && !ballot.to) return { field: 'to', why: 'somebody to ask is needed' };
  if (decision !== 'delegate' && ballot.to) return { field: 'to', why: 'only a delegation asks somebody' };
  if (decision === 'edit' && !ballot.args) return { field: 'args', why: 'an edit needs the new arguments' };
  // An approval with other arguments was meant as an edit: it would approve what is not what it says.
  if (decision !== 'edit' && ballot.args) return { field: 'args', why: 'only an edit has arguments' };
  if (decision !== 'answer' && answer !== undefined)
    return { field: 'answer', why: 'only an answer has one' };
  return undefined;
}

/**
 * Why somebody cannot be asked instead. They decide by a right of their own, which a delegation does not lend; and who
 * has voted or delegated is not asked, so that no question goes in circles (T11).
 */
async function misdelegation(
  { directory, journal }: VoteDeps,
  at: HoldAddress,
  hold: BodyOf<'hold'>,
  { who, to }: Ballot,
): Promise<{ field: string; why: string } | undefined> {
  if (to === undefined) return undefined;
  const wrong = (why: string) => ({ field: 'to', why });
  if (to === who) return wrong('somebody else than yourself');
  const key = voteKey(at.actionId, at.hold, to);
  const [member, records] = await Promise.all([directory.find(to), journal.get(at.runId, [key])]);
  if (barred(hold, member) !== undefined) return wrong('this person may not decide on this hold');
  return records.size > 0 ? wrong('this person has decided already') : undefined;
}
