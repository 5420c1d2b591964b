import type { Facts } from '../facts.ts';
import type { HoldView } from '../hold-view.ts';
import { nameOf, votesList } from './hold-page.ts';
import { type Html, html, nothing } from './html.ts';
import { page } from './layout.ts';
import { absolute } from './time.ts';
import { visibleText } from './visible-text.ts';

/** How it went for the one who reads this. */
export interface Ending {
  readonly heading: string;
  readonly tone: 'right' | 'wrong' | 'plain';
  readonly text: string;
  readonly status: number;
}

export interface OutcomePage extends Omit<Ending, 'status'> {
  readonly view: HoldView;
  readonly facts: Facts;
  readonly names: ReadonlyMap<string, string>;
}

/** How a hold stands or ended, for someone who can no longer decide on it. */
export function outcomePage({ view, facts, names, heading, tone, text }: OutcomePage): Html {
  return page(
    heading,
    html`<h1>${heading}</h1>
<section class="message ${tone}" role="status">
<p><strong>${visibleText(facts.title, 'text')}</strong></p>
<p>${text}</p>
<p>${sentence(view, names)}</p>
</section>
${view.votes.length === 0 ? nothing : html`<section><h2>Decisions</h2>${votesList(view, names)}</section>`}
<p class="soft">Digest <code>${view.hold.digest.slice(0, 12)}</code></p>`,
  );
}

/** Of a doubt the question was never whether to do it. */
const notDone = ({ asks }: HoldView['hold']) => (asks === 'doubt' ? 'it is left in doubt' : 'it is not done');

/** What became of it, in a sentence, from its records. */
export function sentence(view: HoldView, names: ReadonlyMap<string, string>): Html {
  const { settled, hold, status } = view;
  const by = (settled?.body.votes ?? []).map(({ who }) => nameOf(names, who));
  const who = by.length > 0 ? html` by ${visibleText(by.join(' and '), 'text')}` : nothing;
  const when = settled ? html` on ${absolute(settled.body.at)}` : nothing;
  const then = settled?.body.next?.route ?? hold.next;
  switch (status) {
    case 'open':
      return html`It is still open, until ${absolute(hold.expiresAt)}.`;
    case 'approved':
      return html`It was approved${who}${when}.`;
    case 'rejected':
      return html`It was rejected${who}${when}: ${notDone(hold)}.`;
    case 'edited':
      return html`It was changed${who}${when}: what is to be done now is ruled on anew.`;
    case 'escalated':
      return view.endedByTime
        ? html`Nobody had decided by ${absolute(hold.expiresAt)}: it went on to the route ${then ?? ''}.`
        : html`It was passed on${who}${when}, to the route ${then ?? ''}.`;
    case 'answered':
      return html`It was answered${who}${when}: “${visibleText(settled?.body.answer ?? '', 'text')}”.`;
    case 'expired':
      return html`Nobody had decided by ${absolute(hold.expiresAt)}: ${notDone(hold)}.`;
    case 'cancelled':
      return html`The run was cancelled${when}: ${notDone(hold)}.`;
  }
}
