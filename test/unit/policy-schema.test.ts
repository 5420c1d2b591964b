import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cedarSchema } from '../../lambdas/policy/cedar-schema.ts';
import { sharedEngine } from '../../lambdas/policy/engine.ts';
import { defineTool } from '../../lambdas/tools/tool.ts';

const tool = (args: z.ZodObject, more: { name?: string; facts?: z.ZodObject } = {}) =>
  defineTool({
    name: 'pay',
    version: 1,
    description: '',
    args,
    replay: 'safe',
    tier: 'low',
    title: () => '',
    perform: async () => null,
    ...more,
  });

const schemaOf = (...tools: ReturnType<typeof tool>[]) => cedarSchema([{ name: 'payer', tools }]);
const refusal = (args: z.ZodObject): string => {
  try {
    schemaOf(tool(args));
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('the Cedar schema', () => {
  it('says in Cedar types what the arguments and facts may be', () => {
    const args = z.strictObject({
      text: z.string().max(5).regex(/a/).meta({ freeText: true }),
      mail: z.email(),
      amount: z.number().int().min(1),
      count: z.int32().optional(),
      sure: z.boolean(),
      kind: z.enum(['a', 'b']),
      fixed: z.literal('x'),
      tags: z.array(z.string()),
      lines: z.array(z.strictObject({ sku: z.string(), n: z.int().optional() })).optional(),
      to: z.strictObject({}),
    });
    const schema = schemaOf(tool(args, { facts: z.strictObject({ known: z.boolean() }) }));
    const action = schema['']?.actions.pay;
    expect(action?.appliesTo).toMatchObject({ principalTypes: ['Agent'], resourceTypes: ['Run'] });
    expect(action?.appliesTo?.context).toEqual({
      type: 'Record',
      attributes: {
        args: {
          type: 'Record',
          attributes: {
            text: { type: 'String' },
            mail: { type: 'String' },
            amount: { type: 'Long' },
            count: { type: 'Long', required: false },
            sure: { type: 'Boolean' },
            kind: { type: 'String' },
            fixed: { type: 'String' },
            tags: { type: 'Set', element: { type: 'String' } },
            lines: {
              type: 'Set',
              element: {
                type: 'Record',
                attributes: { sku: { type: 'String' }, n: { type: 'Long', required: false } },
              },
              required: false,
            },
            to: { type: 'Record', attributes: {} },
          },
        },
        granted: { type: 'Boolean' },
        requester: { type: 'String' },
        tier: { type: 'String' },
        untrusted: { type: 'Boolean' },
        facts: { type: 'Record', attributes: { known: { type: 'Boolean' } } },
      },
    });
    expect(sharedEngine.call((cedar) => cedar.checkParseSchema(schema))).toEqual({ type: 'success' });
  });

  it('knows the agents and tools by name, in whatever order they come', () => {
    const [a, b] = [tool(z.strictObject({}), { name: 'a' }), tool(z.strictObject({}), { name: 'b' })];
    const schema = cedarSchema([
      { name: 'two', tools: [b, a] },
      { name: 'one', tools: [a] },
    ]);
    expect(JSON.stringify(schema)).toBe(
      JSON.stringify(
        cedarSchema([
          { name: 'one', tools: [a] },
          { name: 'two', tools: [a, b] },
        ]),
      ),
    );
    expect(schema['']?.entityTypes.Agent).toEqual({ enum: ['one', 'two'] });
  });

  it.each<[string, z.ZodType, string]>([
    ['a fraction', z.number(), 'args.field: numbers must be integers'],
    ['a coerced number', z.coerce.number().int(), 'args.field: a schema must not change'],
    ['a trimmed text', z.string().trim(), 'args.field: a schema must not change'],
    ['a default', z.string().default('x'), 'args.field: a default would change'],
    ['a transform', z.string().transform(Number), 'args.field: z.pipe has no type'],
    ['a fallback', z.string().catch('x'), 'args.field: z.catch has no type'],
    ['a union', z.union([z.string(), z.int()]), 'args.field: z.union has no type'],
    ['null', z.string().nullable(), 'args.field: z.nullable has no type'],
    ['free keys', z.record(z.string(), z.string()), 'args.field: z.record has no type'],
    ['anything', z.any(), 'args.field: z.any has no type'],
    ['a bigint', z.bigint(), 'args.field: z.bigint has no type'],
    ['a date', z.date(), 'args.field: z.date has no type'],
    ['numbers listed', z.literal([1, 2]), 'args.field: only texts may be listed'],
    ['an open object', z.object({}), 'args.field: use z.strictObject'],
    [
      'a fault deep inside',
      z.array(z.strictObject({ n: z.number().optional() })),
      'args.field[].n: numbers must be',
    ],
    [
      'a name of Cedar',
      z.strictObject({ __entity: z.string() }),
      'args.field: the name __entity is reserved',
    ],
  ])('refuses %s by tool and field', (_, field, expected) => {
    expect(refusal(z.strictObject({ field }))).toContain(`tool pay, ${expected}`);
  });

  it('refuses arguments that are open themselves, and names all faults at once', () => {
    const message = refusal(z.object({ a: z.number(), b: z.date() }));
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual([
      'tool pay, args',
      'tool pay, args.a',
      'tool pay, args.b',
    ]);
  });

  it('refuses a schema that contains itself', () => {
    const node = z.strictObject({
      get next() {
        return node.optional();
      },
    });
    expect(refusal(node)).toContain('nested too deeply');
  });

  it('refuses two tools of one name, and names that Cedar or a record would not take', () => {
    const args = z.strictObject({});
    expect(() => schemaOf(tool(args), tool(args))).toThrow('two different tools have this name');
    expect(() => schemaOf(tool(args, { name: 'Pay me' }))).toThrow('lower case');
  });
});
