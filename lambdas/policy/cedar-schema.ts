import type { SchemaJson, TypeOfAttribute } from '@cedar-policy/cedar-wasm/nodejs';
import * as z from 'zod';
import type { Agent } from '../agents/agent.ts';
import type { Tool } from '../tools/tool.ts';
import { unwrap } from './arg-schema.ts';
import { type Problem, Problems } from './problem.ts';

export type CedarSchema = SchemaJson<string>;
export type Actors = readonly Pick<Agent, 'name' | 'tools'>[];
type CedarType = TypeOfAttribute<string>;
type RecordType = Extract<CedarType, { type: 'Record' }>;

/** The one resource that policies speak of: the run that the action belongs to. */
export const RUN = 'run';

/**
 * The Cedar schema (JSON form) of everything that may be proposed: an action for each tool, with its typed arguments.
 * @throws Problems naming tool and field where a zod schema says what Cedar cannot.
 */
export const cedarSchema = (agents: Actors): CedarSchema => {
  const problems: Problem[] = [];
  const tools = new Map<string, Tool>();
  for (const tool of agents.flatMap((agent) => agent.tools)) {
    const at = `tool ${tool.name}`;
    if (!/^[a-z][a-z0-9_]*$/.test(tool.name)) {
      problems.push({ at, message: 'a name is lower case, with digits and underscores' });
    }
    if ((tools.get(tool.name) ?? tool) !== tool)
      problems.push({ at, message: 'two different tools have this name' });
    tools.set(tool.name, tool);
  }
  const actions = [...tools]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, tool]) => [name, action(tool, problems)]);
  if (problems.length > 0) throw new Problems(problems);
  return {
    '': {
      entityTypes: { Agent: { enum: agents.map((agent) => agent.name).sort() }, Run: { enum: [RUN] } },
      actions: Object.fromEntries(actions),
    },
  };
};

/** Sums with this action and without, since policies do no arithmetic. */
const COUNTERS: RecordType = {
  type: 'Record',
  attributes: Object.fromEntries(
    ['amountDay', 'countDay', 'amountDayWithThis', 'countDayWithThis'].map((name) => [
      name,
      { type: 'Long' },
    ]),
  ),
};

const action = (tool: Tool, problems: Problem[]) => {
  const attributes: Record<string, CedarType> = {
    args: typeOf(tool.args, 'args', tool, problems),
    granted: { type: 'Boolean' },
    requester: { type: 'String' },
    tier: { type: 'String' },
    untrusted: { type: 'Boolean' },
  };
  if (tool.counts) attributes.counters = COUNTERS;
  if (tool.facts) attributes.facts = typeOf(tool.facts, 'facts', tool, problems);
  const context: RecordType = { type: 'Record', attributes };
  return { appliesTo: { principalTypes: ['Agent'], resourceTypes: ['Run'], context } };
};

const typeOf = (field: z.core.$ZodType, path: string, tool: Tool, problems: Problem[]): CedarType => {
  const refuse = (message: string): CedarType => {
    problems.push({ at: `tool ${tool.name}, ${path}`, message });
    return { type: 'String' };
  };
  if (path.split(/[.[]/).length > 16) return refuse('nested too deeply for a policy');
  const { schema } = unwrap(field);
  const { def } = schema._zod;
  // What was proposed, ruled on, hashed and performed must be one and the same.
  const changes = def.checks?.some((check) => check._zod.def.check === 'overwrite');
  if (changes || ('coerce' in def && def.coerce)) return refuse('a schema must not change what was proposed');
  switch (def.type) {
    case 'string':
      return { type: 'String' };
    case 'boolean':
      return { type: 'Boolean' };
    case 'number':
      if (z.toJSONSchema(schema).type === 'integer') return { type: 'Long' };
      return refuse('numbers must be integers: use z.int(), and minor units for amounts');
    case 'enum':
    case 'literal': {
      const values: readonly unknown[] = def.type === 'enum' ? Object.values(def.entries) : def.values;
      return values.every((value) => typeof value === 'string')
        ? { type: 'String' }
        : refuse('only texts may be listed');
    }
    case 'array':
      return { type: 'Set', element: typeOf(def.element, `${path}[]`, tool, problems) };
    case 'object': {
      const strict = def.catchall?._zod.def.type === 'never';
      if (!strict) refuse('use z.strictObject: unknown keys must be refused');
      const attributes = Object.entries(def.shape).map(([name, inner]): [string, CedarType] => {
        if (name.startsWith('__')) refuse(`the name ${name} is reserved by Cedar`);
        const type = typeOf(inner, `${path}.${name}`, tool, problems);
        return [name, unwrap(inner).optional ? { ...type, required: false } : type];
      });
      return { type: 'Record', attributes: Object.fromEntries(attributes) };
    }
    case 'default':
      return refuse('a default would change what was proposed: make it optional');
    default:
      return refuse(
        `z.${def.type} has no type in Cedar: use texts, integers, booleans, enums, arrays and strict objects`,
      );
  }
};
