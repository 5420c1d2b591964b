import type { HttpProblem } from '../problem.ts';
import { html } from './html.ts';
import { answerPage, page } from './layout.ts';

const HEADINGS: Readonly<Record<number, string>> = {
  403: 'This was not accepted',
  404: 'There is nothing here',
  405: 'That cannot be done here',
  409: 'It has been decided otherwise',
  410: 'Too late',
  413: 'That was too much',
  415: 'That cannot be read',
  422: 'That cannot be read',
  503: 'Not now',
};

const ADVICE: Readonly<Record<number, string>> = {
  404: 'The link is not complete, or it is not one of ours. Open it once more from the message that you were sent.',
  503: 'Nothing was recorded. Try again in a moment.',
};

/** A problem for people: the same words for everything that is not there. */
export const errorPage = ({ status, message, details }: HttpProblem): Response => {
  const heading = HEADINGS[status] ?? 'Something failed on our side';
  const text = ADVICE[status] ?? `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return answerPage(page(heading, html`<h1>${heading}</h1>\n<p>${text}</p>`), status, details.headers);
};
