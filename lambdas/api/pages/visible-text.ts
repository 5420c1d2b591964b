import { oddCharacters } from '../../policy/odd-characters.ts';
import { type Html, html } from './html.ts';

/** A text with every character in it that shows nothing, or that changes how the rest is shown, as a badge (T16). */
export function visibleText(text: string, kind: 'identifier' | 'text'): Html {
  if (text === '') return html`<span class="odd">empty</span>`;
  const parts: Html[] = [];
  let from = 0;
  for (const { index, character, label } of oddCharacters(text, kind)) {
    parts.push(html`${text.slice(from, index)}<span class="odd">${label}</span>`);
    from = index + character.length;
  }
  // Isolated, so that a right-to-left text turns nothing around it.
  return html`<bdi class="${kind}">${parts}${text.slice(from)}</bdi>`;
}
