import type { Member } from '../oversight/directory.ts';
import type { Decided } from './decide.ts';
import type { HoldView } from './hold-view.ts';
import type { Ending } from './pages/outcome-page.ts';

export interface OpenedPage {
  readonly view: HoldView;
  readonly member: Member;
  /** The link has: the question itself may still be open. */
  readonly expired: boolean;
}

/** How things stand for someone who opens a link, or undefined while the question is theirs to decide. */
export function endingOf({ view, member, expired }: OpenedPage): Ending | undefined {
  const own = view.votes.find((vote) => vote.body.who === member.id);
  if (view.status === 'open' && !own && !expired) return undefined;
  if (view.endedByTime) return tooLate;
  if (expired && view.status === 'open') {
    const text = 'This link has expired. The question is still open: ask for a new link.';
    return { ...tooLate, text };
  }
  const status = expired ? 410 : 200;
  if (own) return { ...recorded(own.body.decision), status };
  return { heading: 'It has been decided', tone: 'plain', text: 'Nothing is left for you to do.', status };
}

/** How a vote went that is more than a slip of the pen. */
export function endingOfVote(decided: Exclude<Decided, { as: 'unfit' | 'unknown hold' }>): Ending {
  switch (decided.as) {
    case 'counted':
      return recorded(decided.vote.body.decision);
    case 'expired':
      return tooLate;
    case 'forbidden':
      return {
        heading: 'This is not yours to decide',
        tone: 'wrong',
        text: `${decided.why}. Your decision was not recorded.`,
        status: 403,
      };
    case 'settled otherwise':
      return { ...otherwise, text: 'It had been decided before. Your decision did not count.' };
    case 'voted otherwise':
      return {
        ...otherwise,
        text: `You had already decided: ${decided.vote.body.decision}. A decision cannot be changed.`,
      };
    case 'other digest':
      return {
        heading: 'What is asked is something else',
        tone: 'wrong',
        text: 'Your decision was about something other than what is asked here, and was not recorded. Open the link once more.',
        status: 409,
      };
  }
}

const tooLate: Ending = {
  heading: 'Too late',
  tone: 'wrong',
  text: 'The time for this decision is over. Nothing that you do here counts any more.',
  status: 410,
};

const otherwise = { heading: 'It has been decided otherwise', tone: 'wrong', status: 409 } as const;

const DONE = {
  approve: 'You approved it.',
  reject: 'You rejected it.',
  escalate: 'You passed it on.',
  answer: 'You answered it.',
  edit: 'You changed it.',
  delegate: 'You asked somebody else to decide.',
} as const;

const recorded = (decision: keyof typeof DONE): Ending => ({
  heading: 'Your decision is recorded',
  tone: 'right',
  text: DONE[decision],
  status: 200,
});
