import { type Branch, DOUBT_ANSWERS, type HoldOf, type TryOf } from '../journal/branch.ts';
import type { Tool } from '../tools/tool.ts';

/**
 * Which try is next, and whether there is one, follows from the records alone; Powertools guards each single try and
 * knows nothing of doubt.
 */
export type Standing =
  /** Nothing is open: this try may begin. */
  | { readonly as: 'ready'; readonly number: number }
  /** An attempt may still be running: it is neither repeated nor doubted yet. */
  | { readonly as: 'running'; readonly until: string }
  /** The downstream certainly did nothing, and will not. */
  | { readonly as: 'refused'; readonly detail: string }
  /**
   * Nobody knows whether it happened. `repeatable`: the downstream honours the key, so the same call is harmless.
   * `until`: before then the call may still land, and only a *yes* of the downstream can be relied on.
   */
  | {
      readonly as: 'unknown';
      readonly number: number;
      readonly detail: string;
      readonly repeatable: boolean;
      readonly until?: string;
      /** A later try was refused for good: should this one not have happened, that is the end of it. */
      readonly refused?: string;
    }
  /** A person has said. */
  | { readonly as: 'said'; readonly answer: (typeof DOUBT_ANSWERS)[number]; readonly who: string };

export const MOST_TRIES = 5;
/** Past an attempt's deadline by so much, its caller has been stopped: function time-out < state's time limit. */
export const CLOCK_ALLOWANCE_MS = 5_000;
const KEY_HOURS = 20;

export interface Clockwork {
  readonly now: Date;
  /** Whether the process that owns an intent is certainly gone: its attempt is over before the deadline. */
  readonly isGone: (owner: string) => boolean;
}

export function standing(branch: Branch, tool: Tool, clock: Clockwork): Standing {
  const last = branch.tries.at(-1);
  const next = branch.places + 1;
  if (!last) return { as: 'ready', number: next };
  const { intent, outcome } = last;
  if (!outcome && clock.now.getTime() < landsBy(last) && !clock.isGone(intent.body.owner)) {
    return { as: 'running', until: intent.body.deadline };
  }
  const refusal = outcome?.body.outcome === 'nothing happened' ? outcome.body : undefined;
  const more = branch.tries.length < MOST_TRIES && refusal?.retry !== false;
  // A refusal speaks of its own try alone: an earlier one may still have happened.
  const open = unknownTry(branch);
  if (!open)
    return more || !refusal ? { as: 'ready', number: next } : { as: 'refused', detail: refusal.detail };
  const { number } = open;
  const said = saidOf(branch, number);
  if (said) return { as: 'said', ...said };
  return {
    as: 'unknown',
    number,
    detail: open.outcome?.body.detail ?? 'the attempt was cut off: no answer was recorded',
    repeatable:
      tool.replay === 'keyed' && more && !doubtAsked(branch, number) && withinWindow(branch, tool, clock.now),
    ...(clock.now.getTime() < landsBy(open) ? { until: open.intent.body.deadline } : {}),
    ...(refusal && !more ? { refused: refusal.detail } : {}),
  };
}

/** By then a call that was sent has landed or never will, whoever sent it: not there yet is not *did not happen*. */
const landsBy = ({ intent }: TryOf): number => Date.parse(intent.body.deadline) + CLOCK_ALLOWANCE_MS;

/** The last try that may have happened: it was not refused, and nobody has said since that it did not. */
function unknownTry(branch: Branch): TryOf | undefined {
  const cleared = branch.tries.findLast(
    ({ number }) => saidOf(branch, number)?.answer === 'it did not happen',
  );
  return branch.tries.findLast(
    ({ number, outcome }) => outcome?.body.outcome !== 'nothing happened' && number > (cleared?.number ?? 0),
  );
}

/** The downstream forgets keys: past its window the same key is a new call (F20). */
function withinWindow(branch: Branch, tool: Tool, now: Date): boolean {
  const first = branch.tries[0]?.intent.body.at;
  return first !== undefined && now.getTime() - Date.parse(first) < (tool.keyHours ?? KEY_HOURS) * 3_600_000;
}

function saidOf(branch: Branch, number: number) {
  const settled = lastAsked(branch, number)?.settled?.body;
  const answer = DOUBT_ANSWERS.find((choice) => choice === settled?.answer);
  return answer && { answer, who: settled?.votes[0]?.who ?? '' };
}

/** Whether people are asked about this try, or have been: from then on nothing but their word decides on another. */
export const doubtAsked = (branch: Branch, number: number) => lastAsked(branch, number) !== undefined;

/** Whether the doubt about this try has been put to people and ended without a word. */
export const doubtEnded = (branch: Branch, number: number) =>
  lastAsked(branch, number)?.settled !== undefined;

/** The hold that asks about this try: the last one, where the question was passed on. */
function lastAsked({ holds }: Branch, number: number): HoldOf | undefined {
  const first = holds.findLastIndex(({ namedBy: { body } }) => body.kind === 'again' && body.try === number);
  if (first < 0) return undefined;
  const other = holds.findIndex(({ namedBy }, i) => i > first && namedBy.body.kind !== 'settled');
  return holds.at(other < 0 ? -1 : other - 1);
}
