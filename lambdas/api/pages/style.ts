import { createHash } from 'node:crypto';

/** The one stylesheet, inside each page: its hash is what the content security policy lets through. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2024, #e8eaed);
  --soft: light-dark(#55606b, #a9b1ba);
  --back: light-dark(#f5f6f8, #15181c);
  --card: light-dark(#ffffff, #1e2227);
  --line: light-dark(#d5dae0, #3a414a);
  --accent: light-dark(#0b57d0, #8ab4f8);
  --on-accent: light-dark(#ffffff, #10131a);
  --bad: light-dark(#b3261e, #f2a19b);
  --good: light-dark(#146c2e, #7fd695);
  --warn-back: light-dark(#fff3d6, #3b2f10);
  --warn-line: light-dark(#c98a00, #b98a2b);
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
header, main { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1rem; }
.brand { font-weight: 600; letter-spacing: 0.02em; color: var(--soft); }
main { padding-bottom: 4rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0.75rem 0 0.5rem; }
h2 { font-size: 1rem; margin: 0 0 0.75rem; }
h2.next { margin-top: 1rem; }
p { margin: 0 0 0.75rem; }
p:last-child, ul:last-child { margin-bottom: 0; }
a { color: var(--accent); }
section, form { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 1rem 0; }
ul { margin: 0 0 0.75rem; padding-left: 1.25rem; }
.soft { color: var(--soft); }
.tags { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0 0 0.75rem; padding: 0; list-style: none; }
.tags li { border: 1px solid var(--line); border-radius: 999px; padding: 0.1rem 0.7rem; font-size: 0.9rem; }
.tags .high, .tags .critical { border-color: var(--bad); color: var(--bad); font-weight: 600; }
dl { margin: 0; display: grid; grid-template-columns: minmax(8rem, 12rem) 1fr; gap: 0.5rem 1rem; }
dt { color: var(--soft); }
dt::first-letter { text-transform: uppercase; }
dd { margin: 0; min-width: 0; }
dd.money { font-weight: 600; font-variant-numeric: tabular-nums; }
bdi { unicode-bidi: isolate; white-space: pre-wrap; }
bdi.identifier { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.95em; }
.texts dl { grid-template-columns: 1fr; gap: 0.25rem; }
.texts dd { border-left: 3px solid var(--line); padding: 0.25rem 0 0.25rem 0.75rem; margin-bottom: 0.75rem; }
.texts dd:last-child { margin-bottom: 0; }
.odd { display: inline-block; background: var(--warn-back); border: 1px solid var(--warn-line); border-radius: 4px; padding: 0 0.3rem; margin: 0 0.1rem; font: 0.8rem/1.4 system-ui, sans-serif; white-space: nowrap; }
.unverified { border: 2px dashed var(--warn-line); background: var(--warn-back); }
.message { border-width: 2px; }
.wrong { border-color: var(--bad); }
.right { border-color: var(--good); }
code, .code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.code { font-size: 1.35rem; font-weight: 700; letter-spacing: 0.2em; }
label .soft { font-weight: 400; }
label, legend { display: block; font-weight: 600; margin-bottom: 0.25rem; padding: 0; }
.field, fieldset { border: 0; margin: 0 0 1rem; padding: 0; min-width: 0; }
.choice { display: flex; gap: 0.6rem; align-items: center; font-weight: 400; min-height: 2.75rem; margin: 0; padding: 0.25rem 0; }
input[type="text"], textarea {
  width: 100%; font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--soft); border-radius: 6px; padding: 0.6rem 0.75rem;
}
input.challenge { width: 9rem; text-transform: uppercase; letter-spacing: 0.2em; }
input[type="radio"] { width: 1.25rem; height: 1.25rem; flex: none; }
textarea { min-height: 5rem; resize: vertical; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
button {
  font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0.5rem 1.5rem; border-radius: 8px; cursor: pointer;
  border: 2px solid var(--accent); background: var(--card); color: var(--accent);
}
button.main { background: var(--accent); color: var(--on-accent); }
button.reject { border-color: var(--bad); color: var(--bad); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.items { list-style: none; padding: 0; }
.items > li { padding: 0.75rem 0; border-top: 1px solid var(--line); }
.items > li:first-child { border-top: 0; padding-top: 0; }
@media (max-width: 32rem) {
  section, form { padding: 0.9rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.6rem; }
  button { flex: 1 1 100%; }
}
@media (forced-colors: active) { .odd { border: 1px solid; } }
`;

export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
