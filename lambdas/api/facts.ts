import * as z from 'zod';
import { canonical } from '../journal/digest.ts';
import type { Json } from '../json.ts';
import { isFreeText } from '../policy/arg-schema.ts';
import { Currency, inMajor } from '../tools/money.ts';
import type { Tool } from '../tools/tool.ts';

/** One line of what would run. Identifiers show every odd character; texts may have line breaks. */
export interface Fact {
  readonly label: string;
  /** Where it stands in the arguments, such as `items[0].name`. */
  readonly path: string;
  readonly value: string;
  readonly kind: 'identifier' | 'text' | 'money';
}

export interface Facts {
  /** What would happen, in one line, by the tool's own code. */
  readonly title: string;
  /** In the schema's order. */
  readonly facts: readonly Fact[];
}

/**
 * What people are shown of an action: deterministic, from the canonical arguments alone, and all of them (T1, T18).
 * Arguments that do not fit their tool are shown as they are.
 */
export function factsOf(name: string, tool: Tool | undefined, args: Json): Facts {
  const parsed = tool?.args.safeParse(args);
  const title = tool && parsed?.success ? titleOf(tool, parsed.data) : `Use the tool ${name}`;
  return { title, facts: flatten(args, [], tool) };
}

function titleOf(tool: Tool, args: Record<string, unknown>): string {
  try {
    return tool.title(args);
  } catch {
    return `Use the tool ${tool.name}`;
  }
}

type Path = readonly (string | number)[];

function flatten(value: Json, path: Path, tool: Tool | undefined): Fact[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) => flatten(item, [...path, index], tool));
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const money = moneyKeys(value);
    return orderOf(value, path, tool).flatMap((key) => {
      const here = [...path, key];
      if (!money.includes(key)) return flatten(value[key] as Json, here, tool);
      const shown = `${inMajor(value[key] as number, value.currency as string)}`;
      return [{ label: label(here, /Minor$/), path: dotted(here), value: shown, kind: 'money' as const }];
    });
  }
  const text = tool !== undefined && path.length > 0 && isFreeText(tool.args, path);
  return [
    {
      label: label(path),
      path: dotted(path),
      value: typeof value === 'string' ? value : canonical(value),
      kind: text ? 'text' : 'identifier',
    },
  ];
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Integers in minor units beside a currency that we know to have two decimals. */
function moneyKeys(value: { readonly [key: string]: Json }): string[] {
  if (!Currency.safeParse(value.currency).success) return [];
  return Object.keys(value).filter((key) => /.Minor$/.test(key) && Number.isSafeInteger(value[key]));
}

/** The schema's order for what it knows at the top, then whatever else there is, by name. */
function orderOf(value: { readonly [key: string]: Json }, path: Path, tool: Tool | undefined): string[] {
  const known = path.length === 0 && tool?.args instanceof z.ZodObject ? Object.keys(tool.args.shape) : [];
  const own = Object.keys(value);
  return [...known.filter((key) => own.includes(key)), ...own.filter((key) => !known.includes(key)).sort()];
}

const dotted = (path: Path) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${step}` : step;
  }, '');

/** `customerId` reads as `Customer id`, `lines[0].note` as `Lines 1 note`. */
function label(path: Path, without = /$^/): string {
  const name = path.map((step) => (typeof step === 'number' ? step + 1 : step)).join(' ');
  const words = name
    .replace(without, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
    .replace(/_/g, ' ');
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : 'Arguments';
}
