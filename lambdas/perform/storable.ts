import { canonical } from '../journal/digest.ts';
import { beginning, fitText, noticeOf } from '../journal/fit.ts';
import type { Json } from '../json.ts';

/** A model is told all of it. Cut, it is text within text, whose quotes are escaped once more: twice as much at most. */
export const MOST_RESULT_BYTES = 100_000;
const MOST_DETAIL_BYTES = 4_000;

/**
 * A tool's result as the journal can hold it. Total, and called inside the guarded call: what cannot be stored must
 * not fail after the effect. What is cut says so.
 */
export function storable(value: unknown): Json {
  let text: string;
  try {
    text = canonical(wellFormed(JSON.parse(JSON.stringify(value) ?? 'null')));
  } catch (error) {
    return { notice: `the tool's result is no JSON: ${detailOf(error)}` };
  }
  if (Buffer.byteLength(text) <= MOST_RESULT_BYTES) return JSON.parse(text);
  const start = beginning(text, MOST_RESULT_BYTES);
  return { notice: noticeOf(text, start), start };
}

/** What an error says, or whatever else was thrown. Total. A broken connection is told by its cause alone. */
export function detailOf(error: unknown): string {
  try {
    const cause =
      error instanceof Error && error.cause !== undefined ? `, because of ${String(error.cause)}` : '';
    return fitText(`${String(error)}${cause}`, MOST_DETAIL_BYTES);
  } catch {
    return 'something that cannot be named was thrown';
  }
}

function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]),
  );
}
