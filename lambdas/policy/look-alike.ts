import { domainToUnicode } from 'node:url';

/**
 * What reads alike, as one text: two names with one skeleton are easily taken for each other (T17). Compatibility forms
 * are resolved (NFKC), accents dropped, and what looks like Latin becomes Latin. The table is a part of Unicode's
 * (UTS 39, confusables.txt): the letters of Cyrillic, Greek, Armenian and Cherokee, and the digits and pairs, that
 * stand for a Latin letter in a common typeface.
 */
export const skeleton = (text: string): string =>
  [...unpunycoded(text).normalize('NFKC').normalize('NFD').replace(/\p{M}/gu, '')]
    .map((letter) => LATIN.get(letter) ?? letter)
    .join('')
    .toLowerCase()
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w');

/** The known name that this is not, and would be taken for. */
export function looksLike(text: string, known: readonly string[]): string | undefined {
  const same = (name: string) => name.normalize('NFC').toLowerCase() === text.normalize('NFC').toLowerCase();
  if (known.some(same)) return undefined;
  const own = skeleton(text);
  return known.find((name) => skeleton(name) === own);
}

/** A text as people would see it in an address line, where it has an encoded domain in it; else undefined. */
export function decoded(text: string): string | undefined {
  const shown = unpunycoded(text);
  return shown === text ? undefined : shown;
}

const unpunycoded = (text: string): string =>
  text.replace(
    /(?:[\p{L}\p{N}-]+\.)*xn--[a-z0-9-]+(?:\.[\p{L}\p{N}-]+)*/giu,
    (domain) => domainToUnicode(domain) || domain,
  );

/** By the Latin letter that they look like. */
const LOOKS: Readonly<Record<string, string>> = {
  a: 'аɑα',
  b: 'ЬƄ',
  c: 'сϲⅽ',
  d: 'ԁⅾ',
  e: 'еҽ℮',
  g: 'ɡց',
  h: 'һհᏂ',
  i: 'іιɩӏıᎥ',
  j: 'јϳ',
  k: 'κк',
  l: '1I|ⅼℓƖߊןӀ',
  m: 'мⅿ',
  n: 'ոռ',
  o: '0оοօσם',
  p: 'рρ',
  q: 'ԛգ',
  r: 'гᴦ',
  s: 'ѕꜱ',
  u: 'υսц',
  v: 'ѵνⅴ',
  w: 'ԝѡա',
  x: 'хⅹ×',
  y: 'уүγ',
  z: 'ᴢ',
  A: 'АΑᎪ',
  B: 'ВΒᏴ',
  C: 'СϹᏟ',
  D: 'Ꭰ',
  E: 'ЕΕᎬ',
  F: 'ϜᎰ',
  G: 'ԌᏀ',
  H: 'НΗᎻ',
  J: 'ЈᎫ',
  K: 'КΚᏦ',
  L: 'ᏞⅬ',
  M: 'МΜᎷ',
  N: 'Ν',
  O: 'ОΟՕ',
  P: 'РΡᏢ',
  S: 'ЅՏᏚ',
  T: 'ТΤᎢ',
  V: 'ѴᏙ',
  W: 'ԜᎳ',
  X: 'ХΧ',
  Y: 'УΥҮ',
  Z: 'ΖᏃ',
};

const LATIN = new Map(
  Object.entries(LOOKS).flatMap(([latin, all]) => [...all].map((letter) => [letter, latin])),
);
