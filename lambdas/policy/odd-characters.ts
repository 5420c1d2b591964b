/**
 * What shows nothing, or changes how the rest is shown: controls, format characters, default ignorables
 * (Unicode TR 44: zero-width, tags, variation selectors), line separators, lone surrogates.
 */
const ODD = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Layout, and the selector that gives a heart its colour: harmless in prose, never in an identifier. */
const USUAL_IN_TEXT: ReadonlySet<string> = new Set(['\t', '\n', '\r', '\uFE0F']);

export interface OddCharacter {
  /** Position in UTF-16 units. */
  readonly index: number;
  readonly character: string;
  /** For people, with the code point: `bidirectional control U+202E`. */
  readonly label: string;
}

/** Every character that must not pass unseen, in order. Free text may have line breaks and tabs. */
export const oddCharacters = (text: string, kind: 'identifier' | 'text'): OddCharacter[] =>
  [...text.matchAll(ODD)]
    .filter(([character]) => kind === 'identifier' || !USUAL_IN_TEXT.has(character))
    .map(({ 0: character, index }) => ({ index, character, label: labelOf(character) }));

/** The text with every odd character written out as `\u{202E}`, so that it can be logged, stored and shown. */
export const visible = (text: string): string => text.replace(ODD, (character) => `\\u{${hex(character)}}`);

const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase();

const labelOf = (character: string): string => `${classOf(character)} U+${hex(character).padStart(4, '0')}`;

const classOf = (character: string): string => {
  if (/\p{Cs}/u.test(character)) return 'lone surrogate';
  if (/\p{Bidi_Control}/u.test(character)) return 'bidirectional control';
  if (/[\u{E0000}-\u{E007F}]/u.test(character)) return 'tag character';
  if (character === '\u001B' || character === '\u009B') return 'terminal escape';
  if (/\p{Cc}/u.test(character)) return 'control character';
  if (/[\p{Zl}\p{Zp}]/u.test(character)) return 'line separator';
  return 'invisible character';
};
