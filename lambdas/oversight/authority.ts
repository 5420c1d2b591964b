import type { BodyOf } from '../journal/records.ts';
import type { Member } from './directory.ts';

/** Why somebody may not decide on a hold, or undefined where they may (T11: compared by stable subject id). */
export function barred(hold: BodyOf<'hold'>, member: Member | undefined): string | undefined {
  if (!member) return 'not in the approver directory';
  if (hold.excluded.includes(member.id)) {
    return 'four-eyes: who asked for the run, edited the arguments or owns the agent may not decide';
  }
  if (groupsOf(hold, member).length === 0) return `not in a group of this route (${hold.groups.join(', ')})`;
  return undefined;
}

/** Those of a member's groups that the hold's route names. */
export const groupsOf = (hold: BodyOf<'hold'>, member: Member) =>
  member.groups.filter((group) => hold.groups.includes(group));
