import type { Journal, Records } from '../journal/journal.ts';
import { record } from '../journal/journal.ts';
import { cancelKey, type HoldAddress, holdId, holdKey, settledKey } from '../journal/keys.ts';
import type { BodyOf, Stored } from '../journal/records.ts';

export type Hold = Stored<BodyOf<'hold'>>;
export type Vote = Stored<BodyOf<'vote'>>;
export type Settled = Stored<BodyOf<'settled'>>;

type Settlement = Omit<BodyOf<'settled'>, 'v' | 'at' | 'after' | 'kind' | 'digest' | 'votes'> & {
  readonly counted: readonly Vote[];
};

/**
 * What these votes come to, or undefined while the hold stays open. Pure, total, and the only place that counts:
 *
 *  1. votes count that were cast by the expiry, for the digest that was shown; one per person (their key sees to it)
 *  2. a cancelled run's holds are cancelled, whatever was voted
 *  3. one rejection ends it, over any number of approvals; then an escalation, an edit, an answer: the earliest
 *  4. approvals count when enough distinct people from enough distinct groups have given one
 *  5. past the expiry: on to the next route where there is one, else expired. Time passing never approves
 */
export function countVotes(
  hold: Hold,
  number: number,
  votes: readonly Vote[],
  state: { cancelled: boolean; now: Date },
): Settlement | undefined {
  const { body } = hold;
  const valid = votes
    .filter((vote) => vote.body.at <= body.expiresAt && vote.body.digest === body.digest)
    .sort((a, b) => (a.body.at < b.body.at ? -1 : a.body.at > b.body.at ? 1 : a.sk < b.sk ? -1 : 1));
  const first = (decision: BodyOf<'vote'>['decision']) =>
    valid.find((vote) => vote.body.decision === decision);
  const next = body.next === undefined ? {} : { next: { hold: number + 1, route: body.next } };

  if (state.cancelled) return { outcome: 'cancelled', counted: [] };
  const rejection = first('reject');
  if (rejection) return { outcome: 'rejected', counted: [rejection], ...commentOf(rejection) };
  const escalation = first('escalate');
  if (escalation && body.next !== undefined) {
    return { outcome: 'escalated', counted: [escalation], ...commentOf(escalation), ...next };
  }
  const edit = first('edit');
  if (edit?.body.args)
    return { outcome: 'edited', counted: [edit], args: edit.body.args, ...commentOf(edit) };
  const answer = first('answer');
  if (answer?.body.answer !== undefined) {
    return { outcome: 'answered', counted: [answer], answer: answer.body.answer, ...commentOf(answer) };
  }
  const approvals = valid.filter((vote) => vote.body.decision === 'approve');
  if (body.asks === 'approval' && enough(approvals, body)) return { outcome: 'approved', counted: approvals };
  if (state.now.toISOString() <= body.expiresAt) return undefined;
  return body.next === undefined
    ? { outcome: 'expired', counted: valid }
    : { outcome: 'escalated', counted: valid, comment: 'nobody had decided in time', ...next };
}

const commentOf = (vote: Vote) => (vote.body.comment === undefined ? {} : { comment: vote.body.comment });

/** Whether approvals meet a quorum of distinct people, from distinct groups where the route asks for that (I2). */
export function enough(
  approvals: readonly { readonly body: { readonly who: string; readonly groups: readonly string[] } }[],
  route: { readonly quorum: number; readonly distinctGroups: number },
): boolean {
  const people = new Map(approvals.map((vote) => [vote.body.who, vote.body.groups]));
  return people.size >= route.quorum && distinct([...people.values()]) >= route.distinctGroups;
}

/** For how many distinct groups these people can stand, each for one: a maximum bipartite matching. */
function distinct(people: readonly (readonly string[])[]): number {
  const stands = new Map<string, number>();
  const place = (person: number, tried: Set<string>): boolean =>
    (people[person] ?? []).some((group) => {
      if (tried.has(group)) return false;
      tried.add(group);
      const other = stands.get(group);
      if (other !== undefined && !place(other, tried)) return false;
      stands.set(group, person);
      return true;
    });
  return people.filter((_, person) => place(person, new Set())).length;
}

/** Every record of a hold's own: the hold, its votes, its settlement, and whether the run was cancelled. */
export async function readHold(journal: Journal, at: HoldAddress): Promise<Records> {
  const prefix = holdKey(at.actionId, at.hold).sk;
  const [own, cancel] = await Promise.all([
    journal.list(at.runId, 'oversight', prefix),
    journal.get(at.runId, [cancelKey]),
  ]);
  // `hold#1` is a prefix of `hold#10` too.
  const mine = own.filter((stored) => stored.sk === prefix || stored.sk.startsWith(`${prefix}#`));
  return new Map([...mine.map((stored) => [stored.sk, stored] as const), ...cancel]);
}

/**
 * Settles a hold if its votes or its time have decided it, and returns its one settlement: whoever writes first
 * wins, and everybody acts on what is there (F8, F12). Called by the API, Hold, Expire and the reconciler alike.
 */
export async function settle(
  deps: { readonly journal: Journal; readonly now: () => Date },
  at: HoldAddress,
  read?: Records,
): Promise<Settled | undefined> {
  const records = read ?? (await readHold(deps.journal, at));
  const settled = record(records, settledKey(at.actionId, at.hold), 'settled');
  if (settled) return settled;
  const hold = record(records, holdKey(at.actionId, at.hold), 'hold');
  if (!hold) return undefined;
  const votes = [...records.values()].filter((stored): stored is Vote => stored.body.kind === 'vote');
  const cancel = record(records, cancelKey, 'cancel');
  const settlement = countVotes(hold, at.hold, votes, { cancelled: cancel !== undefined, now: deps.now() });
  if (!settlement) return undefined;
  const { counted, ...rest } = settlement;
  const body = {
    kind: 'settled' as const,
    digest: hold.body.digest,
    votes: counted.map(({ body: { who, decision, groups, at: cast } }) => ({
      who,
      decision,
      groups,
      at: cast,
    })),
    ...rest,
  };
  const put = await deps.journal.put(at.runId, settledKey(at.actionId, at.hold), body, [
    hold,
    ...counted,
    settlement.outcome === 'cancelled' ? cancel : undefined,
  ]);
  return put.record;
}

/** It ended, and no person's decision ended it. */
export const endedByTime = ({ outcome, votes }: Pick<Settled['body'], 'outcome' | 'votes'>): boolean =>
  outcome === 'expired' ||
  (outcome === 'escalated' && votes.every(({ decision }) => decision !== 'escalate'));

/** What Step Functions is told of a settlement. */
export const deliveredOf = (at: HoldAddress, settled: Settled) => ({
  holdId: holdId(at),
  outcome: settled.body.outcome,
  digest: settled.body.digest,
});
