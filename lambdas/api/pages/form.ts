import type { Decision } from '../../journal/records.ts';
import type { HoldView } from '../hold-view.ts';
import type { FieldError } from '../problem.ts';
import { DOUBT_ANSWER_TEXTS } from './evidence-section.ts';
import { type Html, html, nothing } from './html.ts';
import { visibleText } from './visible-text.ts';

/** What the person had typed, where the form comes back. */
export interface Entered {
  readonly comment?: string | undefined;
  readonly answer?: string | undefined;
  readonly shown?: string | undefined;
}

export interface DecisionForm {
  readonly view: HoldView;
  readonly csrf: string;
  readonly challenge: string;
  /** Says when the page was shown. */
  readonly shown: string;
  readonly decisions: readonly Decision[];
  readonly errors: readonly FieldError[];
  readonly entered: Entered;
}

const BUTTONS: Readonly<Partial<Record<Decision, { text: string; class: string }>>> = {
  approve: { text: 'Approve', class: 'main' },
  answer: { text: 'Send the answer', class: 'main' },
  reject: { text: 'Reject', class: 'reject' },
  escalate: { text: 'Pass on', class: 'other' },
};

/** Of the list of what was wrong, which describes the fields that were. */
export const ERRORS_ID = 'errors';

/** One form; each button says what it does. An edit needs the whole arguments, and is made through the API. */
export function decisionForm(of: DecisionForm): Html {
  const { view, csrf, challenge, entered, errors } = of;
  const { hold } = view;
  const state = (field: string): Html =>
    errors.some((error) => error.field === field)
      ? html`aria-invalid="true" aria-describedby="${ERRORS_ID}"`
      : html`aria-invalid="false"`;
  return html`<form method="post" aria-labelledby="form-heading" autocomplete="off">
<h2 id="form-heading">Your decision</h2>
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="digest" value="${hold.digest}">
<input type="hidden" name="shown" value="${of.shown}">
${BLOCK_ENTER}
${of.decisions.includes('answer') ? answerField(of, state('answer')) : nothing}
<div class="field"><label for="comment">Comment <span class="soft">(optional${hold.asks === 'approval' ? '; the agent reads it if you reject' : ''})</span></label>
<textarea id="comment" name="comment" maxlength="2000">
${entered.comment ?? ''}</textarea></div>
<div class="field"><label for="challenge">Type these four letters to confirm: <span class="code" id="code">${challenge}</span></label>
<input class="challenge" type="text" id="challenge" name="challenge" required maxlength="8" autocapitalize="characters" spellcheck="false" ${state('challenge')}></div>
<div class="buttons">${of.decisions.map((decision) => button(decision, hold.next))}</div>
</form>`;
}

/** Enter in a field presses a form's first button: here one that does nothing, so that no decision is made in passing. */
const BLOCK_ENTER = html`<button type="submit" disabled hidden></button>`;

function button(decision: Decision, next: string | undefined): Html {
  const known = BUTTONS[decision];
  if (!known) return nothing;
  const text = decision === 'escalate' ? `Pass on to ${next}` : known.text;
  return html`<button type="submit" name="decision" value="${decision}" class="${known.class}">${text}</button>`;
}

function explained(choice: string, { hold }: HoldView): Html {
  const text = hold.asks === 'doubt' ? DOUBT_ANSWER_TEXTS[choice] : undefined;
  return text === undefined ? nothing : html`<br><span class="soft">${text}</span>`;
}

function answerField({ view, entered }: DecisionForm, state: Html): Html {
  const { choices } = view.hold;
  if (!choices) {
    return html`<div class="field"><label for="answer">Your answer</label>
<textarea id="answer" name="answer" maxlength="2000" ${state}>
${entered.answer ?? ''}</textarea></div>`;
  }
  return html`<fieldset id="answer"><legend>Your answer</legend>
${choices.map((choice) => {
  const checked = choice === entered.answer ? html` checked` : nothing;
  return html`<label class="choice"><input type="radio" name="answer" value="${choice}"${checked}><span>${visibleText(choice, 'text')}${explained(choice, view)}</span></label>`;
})}</fieldset>`;
}
