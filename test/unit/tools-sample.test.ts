import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import type { Json } from '../../lambdas/json.ts';
import { toToolSpec } from '../../lambdas/model/tool-spec.ts';
import type { Effect } from '../../lambdas/sandbox/ledger.ts';
import { inMajor } from '../../lambdas/tools/money.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { sandboxForTools } from './tools-sandbox.ts';

/** Answers reads of the sample customers, and nothing else. */
const dynamodb = {
  send: async (command: unknown) => {
    if (!(command instanceof GetCommand) || command.input.TableName !== 'customers')
      throw new Error('not a read of the customers table');
    const key = command.input.Key as { pk: string };
    const Item = SAMPLE_CUSTOMERS.find(({ pk }) => pk === key.pk);
    return Item ? { Item } : {};
  },
} as unknown as DynamoDBDocumentClient;

const { url, context } = sandboxForTools(dynamodb);

const tool = (name: string): Tool => {
  const found = support.tools.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  return found;
};

const perform = (name: string, args: Record<string, Json>, key = 'unused'): Promise<Json> =>
  tool(name).perform(tool(name).args.parse(args), context(key));

const effects = async (key: string): Promise<Effect[]> => {
  const ledger = (await (await fetch(`${url()}/ledger`)).json()) as { effects: Effect[] };
  return ledger.effects.filter((effect) => effect.key === key);
};

const valid: Record<string, Record<string, Json>> = {
  lookup_customer: { customerId: 'C-1001' },
  read_notes: { customerId: 'C-1005' },
  issue_refund: {
    customerId: 'C-1001',
    orderId: 'O-5001',
    amountMinor: 12_000,
    currency: 'EUR',
    reason: 'late',
  },
  send_email: { customerId: 'C-1001', to: 'ada.fischer@example.com', subject: 'Hello', body: 'Dear Ada' },
  delete_record: { table: 'orders', id: 'O-5001' },
  run_shell: { command: 'date -u' },
  send_wire: {
    customerId: 'C-1006',
    iban: 'DE89370400440532013000',
    amountMinor: 90_000,
    currency: 'EUR',
    reference: 'CANCEL-O-5060',
  },
  ask_human: { question: 'What now?', choices: ['This', 'That'] },
};

describe.each(support.tools.map((each) => [each.name, each] as const))('%s', (name, each) => {
  test('takes its arguments, and no others', () => {
    const args = valid[name];
    expect(each.args.safeParse(args).success).toBe(true);
    expect(each.args.safeParse({ ...args, extra: 1 }).success).toBe(false);
    for (const field of Object.keys(args ?? {})) {
      const { [field]: _, ...rest } = args ?? {};
      expect(each.args.safeParse(rest).success, `without ${field}`).toBe(field === 'choices');
      for (const wrong of [null, 1.5, {}, '', 'x'.repeat(20_000)])
        expect(each.args.safeParse({ ...args, [field]: wrong }).success, field).toBe(false);
    }
  });

  test('T16: refuses odd characters in all that is not free text', () => {
    const args = valid[name] ?? {};
    for (const [field, value] of Object.entries(args)) {
      if (typeof value !== 'string') continue;
      const { freeText } = (each.args.shape[field] as z.ZodType).meta() ?? {};
      const odd = ['\u202e', '\u200b', '\u{e0041}', '\u001b', '\0', '\n', 'а'].map(
        (character) => value + character,
      );
      if (freeText !== true)
        for (const changed of odd)
          expect(each.args.safeParse({ ...args, [field]: changed }).success, field).toBe(false);
    }
  });

  test('has a title in one line and a schema for the model', () => {
    expect(each.title(each.args.parse(valid[name]))).toMatch(/^\S.*\S$/);
    const { parameters } = toToolSpec(each);
    expect(parameters).toMatchObject({ type: 'object', additionalProperties: false });
    expect(JSON.stringify(parameters)).not.toContain('freeText');
  });
});

test('exactly these arguments are free text', () => {
  const isFree = (schema: z.ZodType | undefined) => schema?.meta()?.freeText === true;
  const free = support.tools.flatMap(({ name, args }) =>
    Object.entries(args.shape)
      .filter(([, schema]) => isFree(schema as z.ZodType))
      .map(([field]) => `${name}.${field}`),
  );
  expect(free).toEqual([
    'issue_refund.reason',
    'send_email.subject',
    'send_email.body',
    'ask_human.question',
  ]);
  const choices = tool('ask_human').args.shape.choices as z.ZodOptional<z.ZodArray<z.ZodString>>;
  expect(isFree(choices.unwrap().element)).toBe(true);
});

test.each([-5, 0, 1e21, 2 ** 53 + 1, '2000', 1.5, Number.NaN, null, 100_000_001])(
  'T28: an amount of %s is refused',
  (amountMinor) => {
    for (const name of ['issue_refund', 'send_wire'])
      expect(tool(name).args.safeParse({ ...valid[name], amountMinor }).success).toBe(false);
  },
);

test.each([
  [1, '0.01 EUR'],
  [99, '0.99 EUR'],
  [12_000, '120.00 EUR'],
  [490_000, '4,900.00 EUR'],
  [100_000_000, '1,000,000.00 EUR'],
  [-150, '-1.50 EUR'],
  [0, '0.00 EUR'],
])('%i minor units are %s', (minor, shown) => {
  expect(inMajor(minor, 'EUR')).toBe(shown);
});

test('a customer is looked up without what strangers wrote', async () => {
  const found = await perform('lookup_customer', { customerId: 'C-1005' });
  expect(found).toMatchObject({ name: 'Emil Novak', orders: [{ orderId: 'O-5050' }, { orderId: 'O-5051' }] });
  expect(JSON.stringify(found)).not.toContain('ignore previous instructions');
});

test('T32: notes are foreign content, and nothing else is', async () => {
  expect(JSON.stringify(await perform('read_notes', { customerId: 'C-1005' }))).toContain(
    'ignore previous instructions',
  );
  expect(support.tools.filter(({ foreign }) => foreign).map(({ name }) => name)).toEqual(['read_notes']);
});

test.each(['lookup_customer', 'read_notes'])('%s tells the model of an unknown customer', async (name) => {
  expect(await perform(name, { customerId: 'C-9999' })).toEqual({ error: 'There is no customer C-9999' });
});

test.each(['issue_refund', 'send_email', 'delete_record'])(
  'I1, I4: %s sends exactly its arguments, once for one key',
  async (name) => {
    const args = valid[name] ?? {};
    const first = await perform(name, args, `key-${name}`);
    expect(await perform(name, args, `key-${name}`)).toEqual(first);
    expect(await effects(`key-${name}`)).toMatchObject([{ args }]);
  },
);

test('F15: a keyed call whose answer was lost has one effect after another try', async () => {
  const refund = tool('issue_refund');
  const args = refund.args.parse(valid.issue_refund);
  await expect(refund.perform(args, context('lost', { SANDBOX_FAULT: 'reset' }))).rejects.toThrow();
  expect(await effects('lost')).toHaveLength(1);
  expect(await refund.perform(args, context('lost'))).toMatchObject({ status: 'done' });
  expect(await effects('lost')).toHaveLength(1);
});

test('T14: what a refund observes changes with the order', async () => {
  const observe = tool('issue_refund').observe;
  const look = async (args: Record<string, Json>) =>
    observe?.(tool('issue_refund').args.parse({ ...valid.issue_refund, ...args }), context('unused'));
  expect(await look({})).toEqual({
    version: 'delivered/14900/EUR',
    facts: { 'order status': 'delivered', 'still refundable': '149.00 EUR' },
  });
  const absent = { version: 'absent' };
  expect(await look({ orderId: 'O-5040' })).toMatchObject(absent);
  expect(await look({ customerId: 'C-9999' })).toMatchObject(absent);
  const order = SAMPLE_CUSTOMERS[0]?.orders[0];
  if (!order) throw new Error('no order');
  order.refundedMinor = 12_000;
  expect(await look({})).toMatchObject({
    facts: { 'still refundable': '29.00 EUR' },
    version: 'delivered/2900/EUR',
  });
  order.refundedMinor = 0;
});

test.each([
  ['the customer’s own', 'C-1001', 'ada.fischer@example.com', true],
  ['the same in capitals', 'C-1001', 'Ada.Fischer@Example.com', true],
  ['another customer’s', 'C-1001', 'bruno@example.com', false],
  ['an unknown customer’s', 'C-9999', 'ada.fischer@example.com', false],
])('an address that is %s is found out before the ruling', async (_, customerId, to, ownAddress) => {
  const { args, facts, gather } = tool('send_email');
  const found = await gather?.(args.parse({ ...valid.send_email, customerId, to }), context('unused'));
  expect(facts?.parse(found)).toMatchObject({ ownAddress });
});

describe('run_shell', () => {
  test('runs what is on its list', async () => {
    expect(await perform('run_shell', { command: 'date -u' })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('UTC'),
    });
  });

  test.each(['rm -rf /', 'date -u; id', 'date  -u', 'date', ' uptime', 'uptime ', 'DF -h', '$(id)'])(
    'never starts "%s"',
    async (command) => {
      await expect(perform('run_shell', { command })).rejects.toMatchObject({
        name: 'NothingHappened',
        again: false,
      });
    },
  );

  test('does not start after its deadline', async () => {
    const { args, perform: run } = tool('run_shell');
    const late = { ...context('unused'), signal: AbortSignal.abort() };
    await expect(run(args.parse({ command: 'uptime' }), late)).rejects.toMatchObject({ again: true });
  });
});

test('a question is never performed', async () => {
  await expect(perform('ask_human', { question: 'What now?' })).rejects.toMatchObject({ name: 'Terminal' });
  expect(tool('ask_human').title({ question: 'What now?' })).toBe('What now?');
});
