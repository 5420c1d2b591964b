import { type Html, html } from '../api/pages/html.ts';
import { factsOf } from './notice-text.ts';
import type { Notice } from './notify.ts';

/** What one person is mailed. */
export interface Letter {
  readonly name: string;
  readonly address: string;
  readonly notices: readonly { readonly notice: Notice; readonly link: string }[];
}

const CLOSING = [
  'A link is yours alone and ends with its hold: do not pass it on.',
  'It decides nothing by itself: its page shows what would be done, and asks you.',
] as const;

const opening = ({ notices }: Letter) =>
  notices.length === 1
    ? 'An action waits for your decision.'
    : `${notices.length} actions wait for your decision.`;

/** The part that counts (T15). */
export const mailText = (letter: Letter): string =>
  [
    `Hello ${letter.name},`,
    opening(letter),
    ...letter.notices.map(({ notice, link }) =>
      [...Object.entries(factsOf(notice)).map(([name, value]) => `  ${name}: ${value}`), `  ${link}`].join(
        '\n',
      ),
    ),
    CLOSING.join('\n'),
  ].join('\n\n');

/** The same for clients that show nothing else: values are text, and no click goes over a tracker of SES. */
export const mailHtml = (letter: Letter): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Holdpoint</title></head><body>
<p>Hello ${letter.name},</p>
<p>${opening(letter)}</p>
${letter.notices.map(
  ({ notice, link }) => html`<table>
${Object.entries(factsOf(notice)).map(
  ([name, value]) => html`<tr><th align="left" scope="row">${name}</th><td>${value}</td></tr>
`,
)}</table>
<p><a ses:no-track href="${link}">Look at it and decide</a></p>
`,
)}<p>${CLOSING.join(' ')}</p>
</body></html>
`;
