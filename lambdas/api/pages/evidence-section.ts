import type { Asks } from '../../journal/records.ts';
import type { Evidence, TryView } from '../../runs/try-view.ts';
import { type Html, html, nothing } from './html.ts';
import { toTheSecond } from './time.ts';
import { visibleText } from './visible-text.ts';

/** Stands before what would have been done. */
export const doubtOf = (asks: Asks): string => (asks === 'doubt' ? 'Did this happen? ' : '');

/** What is known of an effect that may have happened: whoever is asked looks for it at the downstream by this. */
export function evidenceSection({ tries, lookedUp }: Evidence): Html {
  const keys = [...new Set(tries.map(({ key }) => key))];
  return html`<section id="evidence" aria-labelledby="evidence-heading">
<h2 id="evidence-heading">What is known of it</h2>
<dl>
<dt>Tried</dt><dd>${tries.length === 1 ? 'once' : `${tries.length} times`}</dd>
${tries.map(tryLines)}
<dt>Looked up</dt><dd>${lookedUpText(lookedUp)}</dd>
${keys.map((key) => html`<dt>Key that was sent</dt><dd>${visibleText(key, 'identifier')}</dd>`)}
</dl>
</section>`;
}

const tryLines = ({ number, at, deadline, outcome, detail, answeredAt }: TryView): Html =>
  html`<dt>Try ${number}</dt><dd>begun <time datetime="${at}">${toTheSecond(at)}</time>; ${
    outcome === null
      ? html`no answer was recorded by its deadline, <time datetime="${deadline}">${toTheSecond(deadline)}</time>: it was cut off`
      : outcome === 'unknown'
        ? 'nobody knows what came of it'
        : 'it was refused, and certainly did nothing'
  }${
    detail === undefined
      ? nothing
      : html`<br>The answer${answeredAt === undefined ? nothing : `, ${toTheSecond(answeredAt)}`}: ${visibleText(detail, 'text')}`
  }</dd>`;

function lookedUpText(lookedUp: Evidence['lookedUp']): Html {
  if (!lookedUp) return html`The downstream was not asked whether it happened: that is yours to find out.`;
  const why = lookedUp.why === undefined ? nothing : html`<br>${visibleText(lookedUp.why, 'text')}`;
  return lookedUp.said === 'did not happen'
    ? html`The downstream was asked, and says that it did not happen.${why}`
    : html`The downstream was asked, and could not say whether it happened.${why}`;
}

/** What follows from each answer. */
export const DOUBT_ANSWER_TEXTS: Readonly<Record<string, string>> = {
  'it happened': 'You have found it there. It counts as done, and is not tried again.',
  'it did not happen': 'You are sure. It is tried once more, if nothing speaks against it by then.',
  'leave it': 'Nobody can tell. It is not tried again, and the agent is told that it is in doubt.',
};
