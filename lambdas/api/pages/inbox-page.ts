import type { Asks } from '../../journal/records.ts';
import type { Tier } from '../../policy/ruling.ts';
import { doubtOf } from './evidence-section.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';
import { relative } from './time.ts';
import { visibleText } from './visible-text.ts';

export interface InboxItem {
  readonly asks: Asks;
  readonly title: string;
  readonly tier: Tier;
  readonly openedAt: string;
  readonly expiresAt: string;
  /** Everyone who may decide, each with a link of their own. */
  readonly approvers: readonly { readonly name: string; readonly href: string }[];
}

/** The open holds of a demonstration on one machine, where one person plays every approver. */
export function inboxPage(items: readonly InboxItem[], more: boolean, now: Date): Html {
  return page(
    'Open questions',
    html`<h1>Open questions</h1>
<section class="unverified"><p><strong>Local demonstration.</strong> Nobody signs in here: you act as whichever approver you choose.</p></section>
<section>${
      items.length === 0
        ? html`<p>Nothing waits for a decision. <a href="./">Look again</a></p>`
        : html`<ul class="items">${items.map((item) => itemOf(item, now))}</ul>`
    }</section>
${more ? html`<p class="soft">There are more than these.</p>` : html``}`,
  );
}

const itemOf = (
  { asks, title, tier, openedAt, expiresAt, approvers }: InboxItem,
  now: Date,
): Html => html`<li>
<p><strong>${doubtOf(asks)}${visibleText(title, 'text')}</strong></p>
<ul class="tags"><li class="${tier}">${tier} risk</li><li>asked ${relative(openedAt, now)}</li><li>expires ${relative(expiresAt, now)}</li></ul>
<p>${
  approvers.length === 0
    ? 'Nobody in the directory may decide on this.'
    : approvers.map(
        ({ name, href }, index) =>
          html`${index > 0 ? ' · ' : ''}<a href="${href}">Decide as ${visibleText(name, 'text')}</a>`,
      )
}</p>
</li>`;
