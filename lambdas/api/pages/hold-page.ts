import type { Decision } from '../../journal/records.ts';
import { visible } from '../../policy/odd-characters.ts';
import type { Facts } from '../facts.ts';
import type { HoldView } from '../hold-view.ts';
import type { FieldError } from '../problem.ts';
import { doubtOf, evidenceSection } from './evidence-section.ts';
import { factsSection } from './facts-section.ts';
import { decisionForm, type Entered, ERRORS_ID } from './form.ts';
import { type Html, html, nothing } from './html.ts';
import { page } from './layout.ts';
import { absolute, relative } from './time.ts';
import { visibleText } from './visible-text.ts';

export interface HoldPage {
  readonly view: HoldView;
  readonly facts: Facts;
  /** Names of people by subject id. */
  readonly names: ReadonlyMap<string, string>;
  /** Other open holds of the same turn that the same person may decide. */
  readonly siblings: readonly { readonly title: string; readonly href: string }[];
  readonly csrf: string;
  readonly challenge: string;
  readonly shown: string;
  readonly decisions: readonly Decision[];
  readonly errors: readonly FieldError[];
  readonly entered: Entered;
  readonly now: Date;
}

/** The agent's own words get so much room: they are the least reliable thing on the page. */
export const MOST_SAID = 280;

const HEADINGS = {
  approval: 'What will be done if you approve',
  answer: 'What the agent asks',
  doubt: 'What may have been done',
} as const;

/** What is known of a doubt stands above. */
const UNKNOWN =
  'It was tried, and nobody knows whether it happened. It is not tried again before somebody says.';

/** What a person needs in order to decide, in the order of how far it can be relied on: the agent's words are last. */
export function holdPage(of: HoldPage): Html {
  const { view, facts, now } = of;
  const { hold } = view;
  return page(
    visible(facts.title),
    html`<h1>${doubtOf(hold.asks)}${visibleText(facts.title, 'text')}</h1>
<ul class="tags"><li class="${hold.tier}">${hold.tier} risk</li><li>route ${hold.route}</li><li>expires ${relative(hold.expiresAt, now)}</li></ul>
${errorSummary(of.errors)}
${factsSection(facts, hold.observed, { heading: HEADINGS[hold.asks] })}
${view.evidence ? evidenceSection(view.evidence) : nothing}
${aboutSection(of)}
${siblingSection(of.siblings)}
${decisionForm(of)}
${unverifiedSection(view.turn.text)}`,
  );
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  challenge: 'The four letters',
  answer: 'Your answer',
  comment: 'Comment',
};

const errorSummary = (errors: readonly FieldError[]): Html =>
  errors.length === 0
    ? nothing
    : html`<section class="message wrong" role="alert"><h2>Nothing was recorded yet</h2>
<ul id="${ERRORS_ID}">${errors.map(({ field, detail }) => html`<li>${fieldName(field)}: ${detail}</li>`)}</ul></section>`;

const fieldName = (field: string): Html | string => {
  const name = FIELD_NAMES[field];
  return name === undefined ? field : html`<a href="#${field}">${name}</a>`;
};

function aboutSection({ view, names, now }: HoldPage): Html {
  const { hold, run, votes } = view;
  const name = (who: string) => visibleText(nameOf(names, who), 'text');
  return html`<section aria-labelledby="about-heading">
<h2 id="about-heading">About this question</h2>
<dl>
<dt>Why you are asked</dt><dd>${hold.asks === 'doubt' ? UNKNOWN : visibleText(hold.why, 'text')}</dd>
<dt>Asked by</dt><dd>${name(run.requester)}, of the agent ${visibleText(run.agent, 'identifier')}</dd>
<dt>Their request</dt><dd>${visibleText(run.input, 'text')}</dd>
<dt>Who decides</dt><dd>${quorum(view)}</dd>
<dt>Until</dt><dd><time datetime="${hold.expiresAt}">${absolute(hold.expiresAt)}</time>, ${relative(hold.expiresAt, now)}</dd>
<dt>If nobody decides</dt><dd>${onExpiry(view)}</dd>
<dt>Decisions so far</dt><dd>${votes.length === 0 ? 'none' : votesList(view, names)}</dd>
<dt>Digest</dt><dd><code>${hold.digest.slice(0, 12)}</code><br><span class="soft"><code>${hold.digest}</code></span></dd>
</dl>
</section>`;
}

export const nameOf = (names: ReadonlyMap<string, string>, who: string): string =>
  names.has(who) && names.get(who) !== who ? `${names.get(who)} · ${who}` : who;

export const votesList = ({ votes }: HoldView, names: ReadonlyMap<string, string>): Html =>
  html`<ul>${votes.map(
    ({ body }) =>
      html`<li>${visibleText(nameOf(names, body.who), 'text')}: ${body.decision}${
        body.to === undefined ? nothing : html` to ${visibleText(nameOf(names, body.to), 'text')}`
      }${
        body.answer === undefined ? nothing : html` “${visibleText(body.answer, 'text')}”`
      }, ${absolute(body.at)}${
        body.comment === undefined ? nothing : html`<br>${visibleText(body.comment, 'text')}`
      }</li>`,
  )}</ul>`;

function quorum({ hold }: HoldView): string {
  const { groups, quorum: people, distinctGroups, fourEyes } = hold;
  const who = people === 1 ? 'one person' : `${people} people`;
  const from = distinctGroups > 1 ? `, from ${distinctGroups} different groups,` : '';
  const eyes = fourEyes ? ', not the one who asked' : '';
  return `${who}${from} of ${groups.join(', ')}${eyes}`;
}

function onExpiry({ hold }: HoldView): string {
  if (hold.next !== undefined)
    return `It goes on to the route ${hold.next}. Time passing never approves anything.`;
  if (hold.asks === 'doubt') return 'It is left in doubt, and the agent is told so.';
  return hold.onExpiry === 'end'
    ? 'It is not done, and the run ends.'
    : 'It is not done, and the agent is told so.';
}

const siblingSection = (siblings: HoldPage['siblings']): Html =>
  siblings.length === 0
    ? nothing
    : html`<section aria-labelledby="siblings-heading">
<h2 id="siblings-heading">Also waiting for you, from the same step</h2>
<ul>${siblings.map(({ title, href }) => html`<li><a href="${href}">${visibleText(title, 'text')}</a></li>`)}</ul>
</section>`;

function unverifiedSection(said: string): Html {
  if (said.trim() === '') return nothing;
  const letters = [...said];
  const shown = letters.slice(0, MOST_SAID).join('');
  const more =
    letters.length > MOST_SAID
      ? html` <span class="soft">(${letters.length - MOST_SAID} more characters are not shown)</span>`
      : nothing;
  return html`<section class="unverified" aria-labelledby="said-heading">
<h2 id="said-heading">Unverified: the agent’s own words</h2>
<p>${visibleText(shown, 'text')}${more}</p>
</section>`;
}
