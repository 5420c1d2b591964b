/** One thing that is wrong in what people write: policies, routes, tool schemas. */
export interface Problem {
  /** `support.cedar:12`, or what in the code: `tool issue_refund, args.amountMinor`. */
  readonly at: string;
  readonly message: string;
}

/** All of them at once: nobody should have to fix and rebuild one by one. */
export class Problems extends Error {
  override readonly name = 'Problems';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ at, message }) => `${at}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** ` (did you mean X?)` where one of the known words is at most two letters away, else nothing. */
export const didYouMean = (word: string, known: readonly string[]): string => {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)[0];
  return near ? ` (did you mean ${near.candidate}?)` : '';
};

/** Levenshtein. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(
        Math.min((row[j] ?? 0) + (left === right ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
