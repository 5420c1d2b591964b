import type * as z from 'zod';
import type { Json, JsonObject } from '../json.ts';
import type { Sums } from '../oversight/counters.ts';
import type { Tool } from '../tools/tool.ts';
import { isFreeText } from './arg-schema.ts';
import type { Actors } from './cedar-schema.ts';
import { decoded, looksLike } from './look-alike.ts';
import { oddCharacters } from './odd-characters.ts';
import { plainJson } from './plain-json.ts';
import type { Tier } from './ruling.ts';

export interface Proposal {
  readonly agent: string;
  /** Who asked for the run. */
  readonly requester: string;
  readonly tool: string;
  /** Whatever the model said. */
  readonly args: unknown;
  /** Text of strangers has entered the run. */
  readonly untrusted: boolean;
  /** Somebody who could approve this alone has allowed it in advance. @default false */
  readonly granted?: boolean;
  /** What went to the same payee before; needed where the tool counts. */
  readonly counters?: Sums;
  /** What the tool's `gather` found out; needed where the tool declares `facts`. */
  readonly facts?: JsonObject;
}

export type Reading =
  | {
      readonly ok: true;
      readonly tool: Tool;
      readonly args: JsonObject;
      readonly facts?: JsonObject;
      /** Sums as the policy reads them. */
      readonly counters?: JsonObject;
      /** What free text hides, for people. */
      readonly odd?: string;
    }
  | { readonly ok: false; readonly reason: string; readonly tier?: Tier; readonly args?: JsonObject };

/** What must be right before any policy is asked: caps, agent and tool, schema, characters, facts; in this order. */
export const createReader = (agents: Actors) => {
  const toolsOf = new Map(
    agents.map(({ name, tools }) => [name, new Map(tools.map((tool) => [tool.name, tool]))]),
  );

  return (proposal: Proposal): Reading => {
    const plain = plainJson(proposal.args);
    if (!plain.ok) return { ok: false, reason: `the arguments are refused: ${plain.reason}` };
    const tools = toolsOf.get(proposal.agent);
    if (!tools) return { ok: false, reason: `unknown agent ${quote(proposal.agent)}` };
    const tool = tools.get(proposal.tool);
    if (!tool) {
      const known = [...tools.keys()].join(', ');
      return { ok: false, reason: `unknown tool ${quote(proposal.tool)}; the tools are: ${known}` };
    }
    const { tier } = tool;
    if (
      typeof proposal.requester !== 'string' ||
      oddCharacters(proposal.requester, 'identifier').length > 0
    ) {
      return { ok: false, tier, reason: 'the requester is refused: no plain text' };
    }
    const parsed = tool.args.safeParse(plain.value);
    if (!parsed.success)
      return { ok: false, tier, reason: `the arguments are refused: ${issues(parsed.error)}` };
    const args = parsed.data as JsonObject;

    // In what was proposed, not in what was parsed: a transform might strip what must be seen.
    const odd = oddTexts(plain.value, tool.args);
    const hidden = odd.find(({ freeText }) => !freeText);
    if (hidden) return { ok: false, tier, args, reason: `${hidden.path} contains a ${hidden.label}` };
    const [seen] = odd;
    const noted = {
      ...oddPart(seen && `${seen.path} contains a ${seen.label}`),
      ...countersPart(tool, args, proposal.counters),
    };
    if (tool.counts && !noted.counters) {
      return { ok: false, tier, args, reason: 'what went to the same payee before is not known' };
    }
    if (!tool.facts) return { ok: true, tool, args, ...noted };
    const facts = readFacts(tool.facts, proposal.facts);
    if (typeof facts === 'string')
      return { ok: false, tier, args, reason: `the facts are refused: ${facts}` };
    return { ok: true, tool, args, facts, ...noted, ...oddPart(noted.odd, lookAlike(tool, args, facts)) };
  };
};

const oddPart = (...odd: readonly (string | undefined)[]): { odd?: string } => {
  const all = odd.filter((each) => each !== undefined);
  return all.length > 0 ? { odd: all.join('; ') } : {};
};

/** What a person must see of an argument that only looks like one of the names that it should be one of (T17). */
function lookAlike(tool: Tool, args: JsonObject, facts: JsonObject): string | undefined {
  for (const [name, known] of Object.entries(tool.known?.(args, facts) ?? {})) {
    const value = args[name];
    const like = typeof value === 'string' ? looksLike(value, known) : undefined;
    if (typeof value !== 'string' || like === undefined) continue;
    const shown = decoded(value);
    return `${name} looks like ${like}, and is ${value}${shown === undefined ? '' : ` (${shown})`}`;
  }
  return undefined;
}

function countersPart(tool: Tool, args: JsonObject, sums: Sums | undefined): { counters?: JsonObject } {
  if (!tool.counts || !sums) return {};
  const { amountDay, countDay } = sums;
  const amountDayWithThis = amountDay + tool.counts(args).amountMinor;
  return { counters: { amountDay, countDay, amountDayWithThis, countDayWithThis: countDay + 1 } };
}

/** The facts, or why they are refused. */
const readFacts = (schema: z.ZodObject, given: unknown): JsonObject | string => {
  const plain = plainJson(given ?? {});
  if (!plain.ok) return plain.reason;
  const parsed = schema.safeParse(plain.value);
  return parsed.success ? (parsed.data as JsonObject) : issues(parsed.error);
};

const quote = (text: unknown): string =>
  typeof text === 'string' ? `"${text.slice(0, 64)}"` : 'that is no text';

const issues = ({ issues }: z.core.$ZodError): string =>
  issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');

interface OddText {
  readonly path: string;
  readonly label: string;
  readonly freeText: boolean;
}

/** The texts that contain odd characters (T16); keys cannot, the strict schema knows them all. */
const oddTexts = (value: Json, schema: z.ZodObject): OddText[] => {
  const found: OddText[] = [];
  const walk = (here: unknown, path: readonly (string | number)[]): void => {
    if (typeof here === 'string') {
      const freeText = isFreeText(schema, path);
      const [first] = oddCharacters(here, freeText ? 'text' : 'identifier');
      if (first) found.push({ path: path.join('.'), label: first.label, freeText });
    } else if (Array.isArray(here)) {
      for (const [index, item] of here.entries()) walk(item, [...path, index]);
    } else if (here !== null && typeof here === 'object') {
      for (const [name, inner] of Object.entries(here)) walk(inner, [...path, name]);
    }
  };
  walk(value, []);
  return found;
};
