import * as z from 'zod';
import type { Json } from '../json.ts';
import { isFreeText, unwrap } from '../policy/arg-schema.ts';
import type { Tool } from '../tools/tool.ts';

const Name = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed(), 'not well-formed Unicode');

/** Of a number: how much at most. Of a text: one of these. */
export const ArgLimit = z.union(
  [
    z.strictObject({ max: z.int().min(0).max(Number.MAX_SAFE_INTEGER) }),
    z.strictObject({ in: z.array(Name).min(1).max(100) }),
  ],
  'a limit is {"max": a whole number from 0} or {"in": [1 to 100 texts]}',
);

/** What a standing grant allows: this tool of this agent, within these limits, so often, until then. */
export const GrantTerms = z.object({
  agent: Name,
  tool: Name,
  /** By argument. Every number needs a limit; a text without one may be anything. */
  limits: z.record(z.string(), ArgLimit),
  /** Of this run alone, where it is given. */
  runId: Name.optional(),
  until: z.iso.datetime(),
  uses: z.int().min(1).max(1_000),
});
export type GrantTerms = z.infer<typeof GrantTerms>;
export type Limits = GrantTerms['limits'];

export interface LimitProblem {
  readonly argument: string;
  readonly why: string;
}

/** What is wrong with limits for a tool: they must bound every number, and can bound nothing but numbers and texts. */
export function checkLimits(tool: Tool, limits: Limits): LimitProblem[] {
  const known = Object.entries(tool.args.shape);
  const problems: LimitProblem[] = Object.keys(limits)
    .filter((argument) => !known.some(([name]) => name === argument))
    .map((argument) => ({ argument, why: `${tool.name} has no such argument` }));
  for (const [argument, field] of known) {
    const limit = limits[argument];
    const wrong = (why: string) => problems.push({ argument, why });
    switch (kindOf(tool, argument, field)) {
      case 'number':
        if (!limit || !('max' in limit)) wrong('a number needs a limit: {"max": …}');
        break;
      case 'text':
        if (limit && !('in' in limit)) wrong('a text is limited by a list: {"in": […]}');
        break;
      case 'free text':
        if (limit) wrong('free text cannot be limited');
        break;
      case 'other':
        wrong('what is neither number nor text cannot be limited, so nothing can be granted');
    }
  }
  return problems;
}

/** Whether arguments keep to the limits. They have been checked against the tool's schema. */
export const withinLimits = (limits: Limits, args: { readonly [name: string]: Json }): boolean =>
  Object.entries(args).every(([name, value]) => {
    const limit = limits[name];
    if (typeof value === 'number')
      return limit !== undefined && 'max' in limit && value >= 0 && value <= limit.max;
    if (typeof value !== 'string') return false;
    return limit === undefined || ('in' in limit && limit.in.includes(value));
  });

/** Limits that fit these arguments and hardly any others: "more like it". */
export function limitsLike(tool: Tool, args: { readonly [name: string]: Json }): Limits {
  const limited = Object.entries(args).flatMap(([name, value]): [string, Limits[string]][] => {
    if (typeof value === 'number') return [[name, { max: value }]];
    return typeof value === 'string' && !isFreeText(tool.args, [name]) ? [[name, { in: [value] }]] : [];
  });
  return Object.fromEntries(limited);
}

function kindOf(tool: Tool, name: string, field: z.core.$ZodType): 'number' | 'text' | 'free text' | 'other' {
  switch (unwrap(field).schema._zod.def.type) {
    case 'number':
      return 'number';
    case 'string':
    case 'enum':
    case 'literal':
      return isFreeText(tool.args, [name]) ? 'free text' : 'text';
    default:
      return 'other';
  }
}
