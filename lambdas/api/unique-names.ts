import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './deps.ts';
import { unfit } from './problem.ts';

/**
 * Refuses a JSON body with a name twice in one object: readers differ on which of the two counts, and whoever sends
 * or logs it may see another decision than the one that is recorded (RFC 7493, section 2.3).
 */
export const uniqueNames: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (/\bjson\b/i.test(c.req.header('content-type') ?? '')) {
    const twice = nameGivenTwice(await c.req.text());
    if (twice !== undefined) throw unfit({ field: twice, detail: 'given twice' });
  }
  await next();
};

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/** The first name that an object in a JSON text has twice; undefined for a text that is not JSON. */
export function nameGivenTwice(text: string): string | undefined {
  // Of JSON every string ends, so that no token is looked for twice.
  if (!isJson(text)) return undefined;
  /** The names of each object that is open, innermost last; a list has none. */
  const open: (Set<string> | undefined)[] = [];
  let atName = false;
  for (const [token] of text.matchAll(TOKENS)) {
    const names = open.at(-1);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (atName && token !== ',') {
      // "\u0061" and "a" are one name.
      const name = JSON.parse(token) as string;
      if (names?.has(name)) return name;
      names?.add(name);
    }
    atName = token === '{' || (token === ',' && names !== undefined);
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
