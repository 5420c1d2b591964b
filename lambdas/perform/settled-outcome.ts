import type { Branch } from '../journal/branch.ts';
import type { BodyOf } from '../journal/records.ts';

/** The result that a settlement is by itself, without any effect: an answer, or a wish that people did not grant. */
export function outcomeOf(branch: Branch): Omit<BodyOf<'result'>, 'v' | 'at' | 'after' | 'kind'> | undefined {
  const hold = branch.holds.findLast(({ asks }) => asks !== 'doubt');
  const settled = hold?.settled?.body;
  if (!hold || !settled) return undefined;
  const who = settled.votes.map((vote) => vote.who).join(', ');
  const comment = settled.comment === undefined ? '' : `: ${settled.comment}`;
  switch (settled.outcome) {
    case 'rejected':
      return { outcome: 'not performed', why: `rejected by ${who}${comment}` };
    case 'expired': {
      const why = 'nobody decided in time';
      return { outcome: 'not performed', why, ...(hold.opened?.body.onExpiry === 'end' ? { end: why } : {}) };
    }
    case 'cancelled':
      return { outcome: 'not performed', why: 'the run was cancelled' };
    case 'answered':
      return { outcome: 'succeeded', value: { answer: settled.answer ?? '', by: who } };
    case 'approved':
    case 'edited':
    case 'escalated':
      return undefined;
  }
}
