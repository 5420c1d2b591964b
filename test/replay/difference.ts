/** Where two JSON values differ first, in the order of their names: a path such as `actions.0.digest`. */
export interface Gap {
  readonly field: string;
  readonly recorded: unknown;
  readonly today: unknown;
}

export interface GapOptions {
  /** Of the values themselves. @default '' */
  readonly path?: string;
  /** What today's value has in addition is no difference. @default false */
  readonly more?: boolean;
  /** Fields that may differ. @default none */
  readonly isMeant?: (field: string) => boolean;
}

export function firstGap(recorded: unknown, today: unknown, options: GapOptions = {}): Gap | undefined {
  const { path = '', more = false, isMeant } = options;
  const gap = { field: path, recorded, today };
  if (isMeant?.(path)) return undefined;
  if (!isNested(recorded) || !isNested(today)) return Object.is(recorded, today) ? undefined : gap;
  if (Array.isArray(recorded) !== Array.isArray(today)) return gap;
  const names = [...new Set([...Object.keys(recorded), ...(more ? [] : Object.keys(today))])].sort();
  for (const name of names) {
    const inner = path === '' ? name : `${path}.${name}`;
    const found = firstGap(recorded[name], today[name], { ...options, path: inner });
    if (found) return found;
  }
  return undefined;
}

const isNested = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
