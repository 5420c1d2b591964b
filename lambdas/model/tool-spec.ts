import * as z from 'zod';
import type { Tool } from '../tools/tool.ts';
import type { ToolSpec } from './model.ts';

const known = new WeakMap<Tool, ToolSpec>();

/** A tool as a model is told of it, without what only Holdpoint needs to know; derived once for each tool. */
export const toToolSpec = (tool: Tool): ToolSpec => {
  const before = known.get(tool);
  if (before) return before;
  const { $schema, ...parameters } = z.toJSONSchema(tool.args, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.freeText;
    },
  });
  const spec = { name: tool.name, description: tool.description, parameters };
  known.set(tool, spec);
  return spec;
};
