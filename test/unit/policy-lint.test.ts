import { describe, expect, it } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { createEngine } from '../../lambdas/policy/engine.ts';
import type { PolicyFile } from '../../lambdas/policy/lint.ts';
import { loadPolicies, readPolicies } from '../../lambdas/policy/load.ts';
import { Problems } from '../../lambdas/policy/problem.ts';
import { proposal, sampleGate, samplePolicies } from './policy-sample.ts';

const engine = createEngine();
const load = (files: readonly PolicyFile[]) => loadPolicies(files, { agents: [support], routes, engine });

/** Every problem as `file:line: message`. */
const problemsOf = (...texts: readonly string[]): string[] => {
  try {
    load(texts.map((text, index) => ({ name: `${'ab'[index]}.cedar`, text })));
  } catch (error) {
    if (error instanceof Problems) return error.message.split('\n');
    throw error;
  }
  return [];
};

const good = '@id("good")\n@decision("allow")\npermit (principal, action, resource);\n';

describe('policies that are right', () => {
  it('have no problems and keep what they say', () => {
    const { policies } = load(samplePolicies);
    expect(policies.get('refund-large')).toMatchObject({ says: 'hold', route: 'finance', tier: 'high' });
    expect(policies.get('read')).toMatchObject({ says: 'allow', tier: 'low' });
    expect(policies.get('shell-harmless')).not.toHaveProperty('tier');
    expect(policies.get('shell-other')).toMatchObject({ says: 'forbid' });
  });

  it('may hold semicolons, quotes, at-signs and slashes in texts and comments', () => {
    const text = `// it's; "odd" @id("no")\n@id("x") // ; "\n@reason("a; b // c \\" @d")
      forbid (principal, action == Action::"run_shell", resource)\n when { context.args.command like "*;\\"// @*" };`;
    expect(problemsOf(text)).toEqual([]);
    expect(load([{ name: 'x.cedar', text }]).policies.get('x')).toMatchObject({ reason: 'a; b // c " @d' });
  });
});

describe('an error names file and line', () => {
  it.each<[string, string, string]>([
    [
      'a misspelt argument, with the near one',
      `${good}\n@id("x") @decision("allow")\npermit (principal, action == Action::"issue_refund", resource)\nwhen {\n  context.args.amountMinr < 5 };`,
      'a.cedar:8: attribute `args.amountMinr` in context for Action::"issue_refund" not found; did you mean `amountMinor`?',
    ],
    [
      'a misspelt annotation, with the near one',
      `${good}@id("x")\n@decision("hold")\n// a comment\n@rout("finance")\n@route("finance")\n@tier("high")\npermit (principal, action, resource);`,
      'a.cedar:7: unknown annotation @rout (did you mean @route?); known here: @id, @decision, @route, @tier',
    ],
    [
      'an unknown route',
      `@id("x")\n@decision("hold")\n@route("finanze")\n@tier("high")\npermit (principal, action, resource);`,
      'a.cedar:3: unknown route "finanze" (did you mean finance?); known: question, in-doubt, support-lead, finance, critical',
    ],
    [
      'a route that is a name of the language',
      `@id("x")\n@decision("hold")\n@route("constructor")\n@tier("high")\npermit (principal, action, resource);`,
      'a.cedar:3: unknown route "constructor"; known: question, in-doubt, support-lead, finance, critical',
    ],
    [
      'an unknown tier',
      `@id("x")\n@decision("allow")\n@tier("hihg")\npermit (principal, action, resource);`,
      'a.cedar:3: unknown tier "hihg" (did you mean high?); known: low, medium, high, critical',
    ],
    [
      'an unknown decision',
      `@id("x")\n@decision("permit")\npermit (principal, action, resource);`,
      'a.cedar:2: unknown decision "permit"; known: allow, hold',
    ],
    [
      'a missing id',
      `${good}@decision("allow")\npermit (principal, action, resource);`,
      'a.cedar:4: allow needs @id("…")',
    ],
    [
      'an empty id',
      `@id\n@decision("allow")\npermit (principal, action, resource);`,
      'a.cedar:1: @id needs a value',
    ],
    [
      'an id that no record could carry',
      `\n@id("a b")\n@decision("allow")\npermit (principal, action, resource);`,
      'a.cedar:2: @id takes letters, digits, ".", "_" and "-"',
    ],
    ['a duplicate id', `${good}\n\n${good}`, 'a.cedar:6: @id "good" is already used at a.cedar:1'],
    [
      'a missing decision',
      `\n@id("x")\npermit (principal, action, resource);`,
      'a.cedar:2: permit needs @decision("…")',
    ],
    [
      'a forbid without a reason',
      `@id("x")\nforbid (principal, action, resource);`,
      'a.cedar:1: forbid needs @reason("…")',
    ],
    [
      'a forbid with a decision',
      `@id("x")\n@reason("no")\n@decision("hold")\nforbid (principal, action, resource);`,
      'a.cedar:3: @decision does not belong on this forbid; it takes @id, @reason',
    ],
    [
      'an allow with a route',
      `@id("x")\n@decision("allow")\n@route("finance")\npermit (principal, action, resource);`,
      'a.cedar:3: @route does not belong on this allow; it takes @id, @decision, @tier',
    ],
    [
      'a syntax error',
      `${good}// naïve €\n@id("x")\n@decision("${'€'.repeat(40)}")\npermit (principal,\n  action resource\n)\n;\n`,
      'a.cedar:8: unexpected token `resource`; expected `!=`, `)`, `,`, `:`, `<`, `<=`, `==`, `>`, `>=`, `in`, or `is`',
    ],
    [
      'a missing semicolon',
      `@id("x")\n@decision("allow")\npermit (principal, action, resource)\n\n${good}`,
      'a.cedar:5: unexpected token `@`',
    ],
    [
      'a duplicate annotation',
      `@id("x")\n@id("y")\npermit (principal, action, resource);`,
      'a.cedar:2: duplicate annotation: @id',
    ],
    [
      'a template',
      `@id("x")\n@decision("allow")\npermit (principal == ?principal, action, resource);`,
      'a.cedar:3: expected a static policy, got a template containing the slot ?principal',
    ],
    [
      'an unknown agent',
      `@id("x") @decision("allow")\npermit (principal == Agent::"suport", action, resource);`,
      'a.cedar:2: entity `Agent::"suport"` is of an enumerated entity type',
    ],
    [
      'an unknown tool',
      `@id("x") @decision("allow")\npermit (principal,\n action == Action::"isue_refund", resource);`,
      'a.cedar:3: unrecognized action `Action::"isue_refund"`; did you mean `Action::"issue_refund"`?',
    ],
    [
      'a policy that can never apply',
      `${good}@id("x") @reason("no")\nforbid (principal, action, resource) when { false };`,
      'a.cedar:4: policy is impossible',
    ],
    [
      'an optional argument that is not asked for first',
      `@id("x") @reason("no")\nforbid (principal, action == Action::"ask_human", resource)\nwhen { context.args.choices.isEmpty() };`,
      'a.cedar:3: unable to guarantee safety of access to optional attribute `args.choices`',
    ],
    [
      'a comparison of unlike types',
      `@id("x") @reason("no")\nforbid (principal, action == Action::"issue_refund", resource)\nwhen { context.args.amountMinor < "5" };`,
      'a.cedar:3: ',
    ],
    [
      'nesting that traps the engine',
      `${good}@id("x") @reason("no")\nforbid (principal, action, resource) when { ${'('.repeat(3_000)}true${')'.repeat(3_000)} };`,
      'a.cedar:4: nested too deeply for the engine',
    ],
    [
      'a chain that would trap the engine only when it evaluates',
      `${good}@id("x") @reason("no")\nforbid (principal, action == Action::"run_shell", resource)\nwhen { ${Array.from({ length: 400 }, (_, index) => `context.args.command == "${index}"`).join(' || ')} };`,
      'a.cedar:4: nested too deeply for the engine; use a set with contains()',
    ],
  ])('for %s', (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems.length).toBe(1);
    expect(problems[0]?.slice(0, expected.length)).toBe(expected);
  });

  it('for a hold that lacks route and tier, both', () => {
    expect(problemsOf(`@id("x")\n@decision("hold")\npermit (principal, action, resource);`)).toEqual([
      'a.cedar:1: hold needs @route("…")',
      'a.cedar:1: hold needs @tier("…")',
    ]);
  });

  it('all of them at once, over several files, in their order', () => {
    const places = problemsOf(
      `@id("x")\n@rout("y")\n@decision("allow")\npermit (principal, action, resource);\npermit (principal action);\n`,
      `${good}${good}@id("z") @reason("no")\nforbid (principal, action == Action::"run_shell", resource)\nwhen { context.args.comand == "ls" ||\n context.args.cmd == "ls" };`,
    ).map((problem) => problem.replace(/: .*/, ''));
    expect(places).toEqual(['a.cedar:2', 'a.cedar:5', 'b.cedar:4', 'b.cedar:9', 'b.cedar:10']);
  });

  it('with Windows line ends too', () => {
    const [problem] = problemsOf(
      `${good}@id("x")\n@decision("alow")\npermit (principal, action, resource);`.replaceAll('\n', '\r\n'),
    );
    expect(problem).toMatch(/^a\.cedar:5: unknown decision "alow" \(did you mean allow\?\)/);
  });
});

it('the deepest chain that the lint lets through can be evaluated', () => {
  const chain = (length: number) =>
    `@id("x") @reason("no") forbid (principal, action == Action::"run_shell", resource)
     when { ${Array.from({ length }, (_, index) => `context.args.command == "${index}"`).join(' || ')} };`;
  const lengths = Array.from({ length: 20 }, (_, index) => (index + 1) * 20);
  const longest = lengths.findLast((length) => problemsOf(chain(length)).length === 0);
  expect(longest).toBeGreaterThan(50);
  const gate = sampleGate({ policies: [{ name: 'p.cedar', text: good + chain(longest ?? 0) }] });
  expect(gate.rule(proposal('run_shell', { command: 'uptime' })).ruling.decision).toBe('allow');
  expect(gate.rule(proposal('run_shell', { command: '0' })).ruling.policies).toEqual(['x']);
});

describe('a folder of policies', () => {
  it('without any is an error, not a policy that denies everything', () => {
    expect(() => readPolicies(import.meta.dirname)).toThrow(/there is no \*\.cedar file in it/);
  });

  it('is by default the one of the code', () => {
    expect(readPolicies().map(({ name }) => name)).toEqual(samplePolicies.map(({ name }) => name));
  });
});
