import type { BodyOf } from '../journal/records.ts';
import type { HoldRow } from '../journal/row-kinds.ts';

/** By then a Hold has told people, or has died and been called again with another token: above its own time limit. */
export const TELLING_MS = 60_000;

type Times = Pick<BodyOf<'hold'>, 'remindAt' | 'warnAt' | 'expiresAt'>;

/** A second after its time, so that it has expired when it is looked at. */
export const endOf = ({ expiresAt }: Times) => Date.parse(expiresAt) + 1_000;

/** The notices that follow the one that people were told last, in their order. */
export function noticesLeft({ remindAt, warnAt }: Times, told: HoldRow['told']) {
  const reminder = { told: 'reminded', about: 'reminder', at: Date.parse(remindAt) } as const;
  const warning = { told: 'warned', about: 'warning', at: Date.parse(warnAt ?? '') } as const;
  const all = warnAt === undefined ? [reminder] : [reminder, warning];
  return all.slice(all.findIndex((notice) => notice.told === told) + 1);
}

/** When a hold needs attention next, if people were told so much. */
export const nextDue = (hold: Times, told: HoldRow['told']): number =>
  noticesLeft(hold, told)[0]?.at ?? endOf(hold);

/** When to see whether people were told of the opening: soon, and by the first notice in any case. */
export const tellBy = (hold: Times, now: Date, milliseconds = TELLING_MS): number =>
  Math.min(now.getTime() + milliseconds, Date.parse(hold.remindAt));

/**
 * Whether people were told of a hold's opening, by its row when that is due. It costs no write of its own to say so: a
 * Hold that dies before it has told them is called again with another token, by the definition's Retry or by the restart
 * of its execution. So the row of one that came to its end has one token, and its process is not gone (F4, F6).
 */
export const wereTold = (
  { told, tokens, opener }: HoldRow,
  isGone: (processId: string) => boolean,
): boolean => (told === 'opening' ? tokens.length === 1 && !isGone(opener) : told !== 'nobody');
