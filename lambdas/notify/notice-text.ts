import { holdId } from '../journal/keys.ts';
import type { Notice } from './notify.ts';

const TITLES: Readonly<Record<Notice['about'], string>> = {
  opened: 'Decision needed',
  reminder: 'Still waiting',
  warning: 'About to expire',
  delegated: 'Handed on to you',
};

/** Tool and tier, or how many there are: what a lock screen may show. */
export function titleOf(notices: readonly Notice[]): string {
  const [first] = notices;
  if (notices.length !== 1 || !first) return `Holdpoint: ${notices.length} actions wait for a decision`;
  return `${TITLES[first.about]}: ${first.tool} (${first.hold.tier})`;
}

/** What is said of a hold: nothing that was proposed, and nothing that somebody wrote. */
export const factsOf = ({ at, hold, agent, tool }: Notice) => ({
  Hold: holdId(at),
  Action: `${tool}, proposed by the agent ${agent}`,
  Tier: hold.tier,
  Route: hold.route,
  Until: `${hold.expiresAt.slice(0, 16).replace('T', ' ')} UTC`,
});

/** Where everyone reads the same: no links, which are personal. */
const MOST_LINES = 50;

/** One line for each hold. */
export function linesOf(notices: readonly Notice[]): string[] {
  const lines = notices.slice(0, MOST_LINES).map((notice) => {
    const { Hold, Action, Tier, Route, Until } = factsOf(notice);
    return `${TITLES[notice.about]}: ${Action}; tier ${Tier}, route ${Route}, until ${Until}; hold ${Hold}`;
  });
  const more = notices.length - MOST_LINES;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}
