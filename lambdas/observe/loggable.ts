import { parseActionId, parseHoldId, RUN_ID } from '../journal/keys.ts';
import { DECISIONS, OUTCOMES, RESULTS, RUN_ENDS } from '../journal/records.ts';

const oneOf = (words: readonly string[]) => (value: unknown) => words.includes(value as string);
const fits = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isCount = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const isActionId = (value: unknown) => {
  try {
    return typeof value === 'string' && parseActionId(value) !== undefined;
  } catch {
    return false;
  }
};

/**
 * The fields that a log may have, and what each may look like: ids of ours, closed words and numbers. Whatever else it
 * is given, and whatever does not look so, is left out (T7, T23): a new field is unknown here until it is allowed.
 */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  runId: fits(RUN_ID),
  actionId: isActionId,
  holdId: (value) => typeof value === 'string' && parseHoldId(value) !== undefined,
  // A subject id of the directory: a pseudonym, as in every record.
  who: fits(/^[\w.@:+-]{1,128}$/),
  turn: isCount,
  exec: isCount,
  try: isCount,
  outcome: oneOf([...OUTCOMES, ...RESULTS, ...RUN_ENDS, 'unknown', 'nothing happened']),
  decision: oneOf(DECISIONS),
  method: oneOf(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']),
  // A template of ours, never a path: paths carry links.
  route: fits(/^(?:\/|(?:\/(?::?[A-Za-z]{1,20}(?:\.json)?|\*))+)$/),
};

/** Of a round of the reconciler. */
const ROUND = [
  'runs',
  'holds',
  'failed',
  'settled',
  'delivered',
  'expired',
  'reminded',
  'started',
  'givenUp',
  'toldLate',
  'lagSeconds',
  'cutShort',
];

export function loggable(where: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const allowed = Object.entries(where).filter(([name, value]) => {
    if (ROUND.includes(name)) return isCount(value);
    return Object.hasOwn(FIELDS, name) && FIELDS[name]?.(value);
  });
  return { ...Object.fromEntries(allowed), ...(where.error === undefined ? {} : errorOf(where.error)) };
}

const MOST_FRAMES = 6;

/**
 * Of an error its name, and where in our own code it was thrown. Not its message: others put into it what they were sent.
 * A message is a part of the stack, so that of a frame no more is taken than the numbers.
 */
export function errorOf(error: unknown): { error: string; at?: string[] } {
  const { name, stack } = error instanceof Error ? error : { name: 'unknown', stack: '' };
  const frames = [...String(stack).matchAll(/^ {4}at .*\bindex\.js:(\d+:\d+)\)?$/gm)];
  const at = frames.slice(0, MOST_FRAMES).map(([, place]) => `index.js:${place}`);
  return { error: fits(/^[A-Z][A-Za-z]{1,60}$/)(name) ? name : 'unknown', ...(at.length > 0 ? { at } : {}) };
}
