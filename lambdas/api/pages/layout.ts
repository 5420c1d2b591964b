import { constant, type Html, html } from './html.ts';
import { STYLE } from './style.ts';

const STYLE_ELEMENT = constant(`<style>${STYLE}</style>`);

/** A whole page. It loads nothing, and no script runs. */
export const page = (title: string, body: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · Holdpoint</title>
${STYLE_ELEMENT}
</head>
<body>
<header><span class="brand">Holdpoint</span></header>
<main>
${body}
</main>
</body>
</html>
`;

export const answerPage = (
  markup: Html,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(markup.toString(), {
    status,
    headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
  });
