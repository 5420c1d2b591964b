import type { Json } from '../json.ts';

/**
 * How large proposed arguments may be. Deeper input could trap the policy engine, and an item of a list costs it
 * some 8 µs: keys and items count together.
 */
export const CAPS = { depth: 32, keys: 500, bytes: 32 * 1024 } as const;

export type Plain =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };

/**
 * A plain copy of any JavaScript value, or why it is refused: over a cap, not JSON, NUL, ill-formed Unicode.
 * Never throws. What is ruled on is the copy, so getters and proxies cannot show two faces.
 */
export const plainJson = (value: unknown): Plain => {
  try {
    const copy = copier()(value, 1);
    // Canonical JSON only reorders keys, so this is its length too.
    if (Buffer.byteLength(JSON.stringify(copy)) > CAPS.bytes) throw tooLarge();
    return { ok: true, value: copy };
  } catch (error) {
    return { ok: false, reason: error instanceof Refused ? error.message : 'it cannot be read' };
  }
};

class Refused extends Error {
  override readonly name = 'Refused';
}

const tooLarge = () => new Refused(`it is larger than ${CAPS.bytes} bytes`);

/** Counts as it goes, from below, so that a huge value is given up early. */
const copier = () => {
  let keys = 0;
  let atLeast = 0;
  const spend = (bytes: number): void => {
    atLeast += bytes;
    if (atLeast > CAPS.bytes) throw tooLarge();
  };
  const text = (value: string): string => {
    spend(value.length + 2);
    if (!value.isWellFormed()) throw new Refused('a text in it is not well-formed Unicode (lone surrogate)');
    if (value.includes('\0')) throw new Refused('a text in it contains NUL');
    return value;
  };
  const copy = (value: unknown, depth: number): Json => {
    switch (typeof value) {
      case 'string':
        return text(value);
      case 'boolean':
        spend(4);
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new Refused('a number in it is not finite');
        spend(1);
        return value === 0 ? 0 : value;
      case 'object':
        spend(2);
        if (value === null) return null;
        if (depth > CAPS.depth) throw new Refused(`it is nested deeper than ${CAPS.depth} levels`);
        return Array.isArray(value) ? list(value, depth) : record(value, depth);
      default:
        throw new Refused('it is not JSON');
    }
  };
  const count = (more: number): void => {
    keys += more;
    if (keys > CAPS.keys) throw new Refused(`it has more than ${CAPS.keys} keys and list items`);
  };
  const list = (value: readonly unknown[], depth: number): Json => {
    count(value.length);
    const items: Json[] = [];
    for (let index = 0; index < value.length; index += 1) items.push(copy(value[index], depth + 1));
    return items;
  };
  const record = (value: object, depth: number): Json => {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new Refused('it is not JSON');
    const names = Object.keys(value);
    count(names.length);
    // fromEntries defines own properties: a key "__proto__" stays a key and meets the strict schema.
    return Object.fromEntries(
      names.map((name) => [text(name), copy((value as Record<string, unknown>)[name], depth + 1)]),
    );
  };
  return copy;
};
