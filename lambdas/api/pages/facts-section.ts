import type { Observation } from '../../tools/tool.ts';
import type { Fact, Facts } from '../facts.ts';
import { type Html, html, nothing } from './html.ts';
import { visibleText } from './visible-text.ts';

const line = ({ label, value, kind }: Fact): Html => {
  const text = visibleText(value, kind === 'text' ? 'text' : 'identifier');
  return html`<dt>${visibleText(label, 'text')}</dt><dd class="${kind}">${text}</dd>`;
};

const observation = ([name, value]: readonly [string, string]): Html =>
  html`<dt>${visibleText(name, 'text')}</dt><dd>${visibleText(value, 'identifier')}</dd>`;

/**
 * What would run: the same bytes for the same arguments, whatever anybody says of it (T1). Texts that the agent wrote
 * into the arguments stand apart from it, whole (T18).
 */
export function factsSection(
  { facts }: Facts,
  observed: Observation | undefined,
  options: { readonly heading: string },
): Html {
  const plain = facts.filter(({ kind }) => kind !== 'text');
  const texts = facts.filter(({ kind }) => kind === 'text');
  const seen = Object.entries(observed?.facts ?? {});
  return html`${
    plain.length + seen.length === 0
      ? nothing
      : html`<section id="facts" aria-labelledby="facts-heading">
<h2 id="facts-heading">${options.heading}</h2>
<dl>${plain.map(line)}</dl>
${
  seen.length === 0
    ? nothing
    : html`<h2 class="next">As it was found when this was asked</h2>
<dl>${seen.map(observation)}</dl>`
}
</section>`
  }
${
  texts.length === 0
    ? nothing
    : html`<section id="texts" class="texts" aria-labelledby="texts-heading">
<h2 id="texts-heading">Texts in it, in full, as the agent wrote them</h2>
<dl>${texts.map(line)}</dl>
</section>`
}`;
}
