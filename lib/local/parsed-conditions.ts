import { createRequire } from 'node:module';

type Parse = (expression: string, options: object) => unknown;

const MOST_REMEMBERED = 100;

/**
 * Has dynalite parse a condition without placeholders once: `attribute_not_exists(pk)`, which every record is put
 * with, takes it as long as the rest of the put.
 */
export function rememberConditions(): void {
  const parser: { parse: Parse } = createRequire(import.meta.url)('dynalite/db/conditionParser');
  const { parse } = parser;
  const remembered = new Map<string, unknown>();
  parser.parse = (expression, options) => {
    if (/[#:]/.test(expression)) return parse(expression, options);
    if (!remembered.has(expression)) {
      if (remembered.size === MOST_REMEMBERED) remembered.clear();
      remembered.set(expression, parse(expression, options));
    }
    return remembered.get(expression);
  };
}
