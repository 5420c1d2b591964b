import { raw as hono, html as tag } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** Markup that our own templates made. */
export type Html = HtmlEscapedString;

type Value = string | number | undefined | Html | readonly Html[];

/**
 * Markup from a template: what is put in is text, never markup, unless it came out of this function (T15).
 * @throws TypeError for other objects: Hono takes any that says `isEscaped` for markup, and JSON could say so
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html => {
  for (const value of values.flat() as readonly unknown[]) {
    if (typeof value === 'object' && !(value instanceof String)) throw new TypeError('not a text');
  }
  return tag(strings, ...values) as Html;
};

/** For our own constants alone. */
export const constant = (markup: string): Html => hono(markup);

export const nothing = constant('');
