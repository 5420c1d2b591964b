/** What something was, and from which tick on. */
export interface Timeline<T> {
  readonly now: () => T;
  readonly set: (value: T) => void;
  /** Everything that it was from one tick to another. */
  readonly during: (from: number, to: number) => readonly T[];
  readonly changed: () => boolean;
}

export function createTimeline<T>(tick: () => number, first: T): Timeline<T> {
  const values = [{ since: 0, value: first }];
  return {
    now: () => (values.at(-1) as { value: T }).value,
    set: (value) => void values.push({ since: tick(), value }),
    during: (from, to) =>
      values
        .filter(({ since }, i) => since <= to && (values[i + 1]?.since ?? Number.POSITIVE_INFINITY) >= from)
        .map(({ value }) => value),
    changed: () => values.length > 1,
  };
}
