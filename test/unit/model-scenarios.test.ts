import { describe, expect, test } from 'vitest';
import { marathon } from '../../lambdas/agents/marathon.ts';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import { Terminal } from '../../lambdas/errors.ts';
import type { Json } from '../../lambdas/json.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import type { Message } from '../../lambdas/model/model.ts';
import { Scenario, type ScriptedTurn } from '../../lambdas/model/scenario.ts';
import { loadScenario, SCENARIO_NAMES } from '../../lambdas/model/scenario-files.ts';

const agents = new Map([support, marathon].map((agent) => [agent.name, agent]));
const emails = new Set(SAMPLE_CUSTOMERS.map(({ email }) => email));

const withBranches = (turn: ScriptedTurn): ScriptedTurn[] => [
  turn,
  ...[turn.ifFailed, ...Object.values(turn.ifAnswered ?? {})].flatMap((branch) =>
    branch ? withBranches(branch) : [],
  ),
];

const result = (value: Json, failed = false): Message => ({
  role: 'tool',
  id: '1.0',
  tool: 'any',
  result: value,
  failed,
});

const play = (name: string, turn: number, messages: readonly Message[] = []) =>
  createModel(`scripted:${name}`, {}).next({
    turn,
    messages,
    instructions: '',
    tools: [],
    signal: new AbortController().signal,
  });

describe.each([...SCENARIO_NAMES, 'turns-10'])('scenario %s', (name) => {
  const scenario = loadScenario(name);

  test('carries its own name and ends in an answer', () => {
    expect(scenario.name).toBe(name);
    expect(scenario.turns.at(-1)?.answer).toBeTypeOf('string');
    expect(scenario.turns.slice(0, -1).every(({ calls, ifAnswered }) => calls ?? ifAnswered)).toBe(true);
  });

  test('proposes only valid calls of its own agent, on the sample data', () => {
    const agent = agents.get(scenario.agent);
    const calls = scenario.turns.flatMap(withBranches).flatMap((turn) => turn.calls ?? []);
    expect(calls.length).toBeGreaterThan(0);
    for (const { tool, args } of calls) {
      const parsed = agent?.tools.find((candidate) => candidate.name === tool)?.args.safeParse(args);
      expect(parsed?.error?.message, tool).toBeUndefined();
      const { customerId, orderId, amountMinor } = args as Record<string, Json>;
      const customer = SAMPLE_CUSTOMERS.find((candidate) => candidate.customerId === customerId);
      if (customerId !== undefined) expect(customer).toBeDefined();
      if (orderId === undefined) continue;
      const order = customer?.orders.find((candidate) => candidate.orderId === orderId);
      expect(order?.totalMinor).toBeGreaterThanOrEqual(amountMinor as number);
    }
  });

  test('never proposes the same effect twice', () => {
    const effects = scenario.turns
      .flatMap((turn) => turn.calls ?? [])
      .filter(({ tool }) => support.tools.find((candidate) => candidate.name === tool)?.replay !== 'safe')
      .map((call) => JSON.stringify(call));
    expect(new Set(effects).size).toBe(effects.length);
  });
});

test('workload W has exactly four turns: a read, a refund, an email to an outside address, the answer', () => {
  const { turns } = loadScenario('w');
  expect(turns.map(({ calls }) => calls?.map(({ tool }) => tool) ?? 'answer')).toEqual([
    ['lookup_customer'],
    ['issue_refund'],
    ['send_email'],
    'answer',
  ]);
  const email = turns[2]?.calls?.[0]?.args as { to: string } | undefined;
  expect(email?.to).toContain('@');
  expect(emails).not.toContain(email?.to);
});

test('a long scenario has as many reads as its name says, within its agent’s limits', async () => {
  for (const turns of [10, 50, 200, 5000]) {
    const scenario = loadScenario(`turns-${turns}`);
    expect(scenario.turns).toHaveLength(turns + 1);
    expect(agents.get(scenario.agent)?.limits.turns).toBeGreaterThan(turns);
  }
  expect((await play('turns-10', 10)).calls).toHaveLength(1);
  expect(await play('turns-10', 11)).toMatchObject({ calls: [], text: 'Looked up 10 times.' });
});

test('what the long scenarios read is about 1 KB', () => {
  const {
    pk: _,
    notes: __,
    ...read
  } = SAMPLE_CUSTOMERS.find(({ customerId }) => customerId === 'C-1009') ?? {};
  expect(JSON.stringify(read).length).toBeGreaterThan(950);
  expect(JSON.stringify(read).length).toBeLessThan(1_100);
});

test('the same turn answers the same, whenever it is asked', async () => {
  const first = await play('refund', 2);
  await play('refund', 3);
  expect(await play('refund', 2)).toEqual(first);
  expect(first.calls).toMatchObject([{ tool: 'issue_refund', args: { amountMinor: 12_000 } }]);
  expect(first.usage).toEqual({ input: 0, output: 0 });
});

test('past its end a scenario gives a final answer', async () => {
  expect(await play('refund', 4)).toMatchObject({ text: 'The scenario ends here.', calls: [] });
});

test('a rejection in the last turn, and only there, changes what is said', async () => {
  expect((await play('refund', 3, [result({ id: 'refund-1' })])).text).toContain('has been issued');
  expect((await play('refund', 3, [result('rejected', true)])).text).toContain('was not approved');
  const earlier: Message[] = [
    result('denied', true),
    { role: 'assistant', text: '', calls: [] },
    result({ id: 'refund-1' }),
  ];
  expect((await play('refund', 3, earlier)).text).toContain('has been issued');
});

test.each([
  ['by itself', 'Refund 45.00 EUR'],
  ['under its name', { question: 'What should happen?', answer: 'Refund 45.00 EUR' }],
] as const)('an answer given %s is acted on', async (_, answer) => {
  expect((await play('question', 2, [result(answer)])).calls).toMatchObject([{ tool: 'issue_refund' }]);
});

test('another answer, or none, does nothing', async () => {
  expect(await play('question', 2, [result('Refund nothing')])).toMatchObject({ calls: [] });
  expect((await play('question', 2, [result('expired', true)])).text).toContain('Nobody answered');
});

test.each(['nope', '__proto__', 'constructor', 'turns-0', 'turns-10001', 'turns-1e3'])(
  '"%s" is no scenario, and the error names those there are',
  (name) => {
    expect(() => createModel(`scripted:${name}`, {})).toThrow(Terminal);
    expect(() => createModel(`scripted:${name}`, {})).toThrow(/refund, stale, w, wire or turns-N/);
  },
);

test.each([
  ['a turn with both calls and an answer', { calls: [{ tool: 'a', args: {} }], answer: 'b' }],
  ['a turn with neither', { text: 'a' }],
  ['a misspelt key', { answer: 'a', iffailed: { answer: 'b' } }],
  ['an invalid branch', { answer: 'a', ifFailed: {} }],
])('a scenario file with %s is refused', (_, turn) => {
  const scenario = { name: 'a', says: 'b', agent: 'support', input: 'c', turns: [turn] };
  expect(Scenario.safeParse(scenario).error?.issues[0]?.path.slice(0, 2)).toEqual(['turns', 0]);
});
