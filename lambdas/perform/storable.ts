import { canonical } from '../journal/digest.ts';
import type { Json } from '../json.ts';

/** A record may have 400 KB, and a model is told all of it. */
export const MOST_RESULT_CHARS = 100_000;

/**
 * A tool's result as the journal can hold it. Total, and called inside the guarded call: what cannot be stored must
 * not fail after the effect. What is cut says so.
 */
export function storable(value: unknown): Json {
  let text: string;
  try {
    text = canonical(wellFormed(JSON.parse(JSON.stringify(value) ?? 'null')));
  } catch (error) {
    return { notice: `the tool's result is no JSON: ${String(error).slice(0, 200).toWellFormed()}` };
  }
  if (text.length <= MOST_RESULT_CHARS) return JSON.parse(text);
  const start = text.slice(0, MOST_RESULT_CHARS).toWellFormed();
  return { notice: `cut: ${text.length} characters, of which ${start.length} are kept`, start };
}

function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]),
  );
}
