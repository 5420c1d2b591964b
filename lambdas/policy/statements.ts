/** One policy as it stands in its file. */
export interface Statement {
  readonly file: string;
  /** From its first annotation or keyword to its semicolon. */
  readonly text: string;
  /** Where that begins, from 1. */
  readonly line: number;
  /** In the order written; Cedar's own JSON has lost the places. */
  readonly annotations: readonly { readonly name: string; readonly line: number }[];
}

/** Blanks and comments, strings, annotation names, the end of a policy, and whatever else. */
const TOKEN =
  /(?<blank>\s+|\/\/[^\n]*)|"(?:\\[\s\S]|[^"\\])*"?|@\s*(?<annotation>[A-Za-z_]\w*)|(?<end>;)|[^\s"/@;]+|[\s\S]/g;

/**
 * Cuts a policy file into its policies and keeps their places, which Cedar's `policySetTextToParts` loses.
 * It does not judge: what is no policy is left for Cedar to refuse.
 */
export const statements = (file: string, source: string): Statement[] => {
  const found: Statement[] = [];
  let begin: number | undefined;
  let annotations: { name: string; line: number }[] = [];
  const close = (end: number) => {
    if (begin === undefined) return;
    found.push({ file, text: source.slice(begin, end), line: lineAt(source, begin), annotations });
    begin = undefined;
    annotations = [];
  };
  for (const { index, 0: token, groups } of source.matchAll(TOKEN)) {
    if (groups?.blank !== undefined) continue;
    begin ??= index;
    if (groups?.annotation) annotations.push({ name: groups.annotation, line: lineAt(source, index) });
    if (groups?.end) close(index + token.length);
  }
  close(source.length);
  return found;
};

/** The line of a UTF-16 index, from 1. */
const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** The line of a place inside a statement, given as Cedar gives it: in bytes of UTF-8. */
export const lineOfByte = ({ text, line }: Statement, byte: number): number =>
  line + Buffer.from(text).subarray(0, byte).toString().split('\n').length - 1;

/** `file:line` of a policy, or of one of its annotations. */
export const placeOf = ({ file, line, annotations }: Statement, annotation?: string): string =>
  `${file}:${annotations.find(({ name }) => name === annotation)?.line ?? line}`;
