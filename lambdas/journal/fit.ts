/**
 * A record may have 400 KB, and so may a row: what comes from outside is measured as it is stored, in UTF-8 and with
 * JSON's escapes, and cut with a notice that says how much was left out.
 */

/** As JSON has it. */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The longest beginning of a well-formed text that takes at most so many bytes as JSON. */
export function beginning(text: string, most: number): string {
  if (bytesOf(text) <= most) return text;
  let [fits, over] = [0, Math.min(text.length, most)];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (bytesOf(text.slice(0, middle)) <= most) fits = middle;
    else over = middle;
  }
  return text.slice(0, fits).toWellFormed();
}

/** For people and models alike. */
export const noticeOf = (whole: string, kept: string): string =>
  `cut: ${Buffer.byteLength(whole)} bytes, of which ${Buffer.byteLength(kept)} are kept`;

/** A text as a record can hold it, well-formed; where it was cut, it ends in a notice. */
export function fitText(text: string, most: number): string {
  const whole = text.toWellFormed();
  const kept = beginning(whole, most);
  return kept === whole ? whole : `${kept}… (${noticeOf(whole, kept)})`;
}
