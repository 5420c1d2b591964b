import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import type { Json } from '../../lambdas/json.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import type { Gate } from '../../lambdas/policy/gate.ts';
import { Ruling, TIERS } from '../../lambdas/policy/ruling.ts';
import { RUNS, randomRuns } from '../support/random-runs.ts';
import { email, proposal, refund, sampleGate } from './policy-sample.ts';
import { trappingEngine } from './policy-trap.ts';

vi.setConfig({ testTimeout: 30_000 + RUNS * 20 });

const gate = sampleGate();
const names = support.tools.map(({ name }) => name);

/** What a well-behaved model might propose, so that the properties reach the policies. */
const sensible = fc.oneof(
  fc.record({
    tool: fc.constant('issue_refund'),
    args: fc
      .record({
        amountMinor: fc.integer({ min: 1, max: 600_000 }),
        reason: fc.string({ minLength: 1, unit: 'binary' }),
      })
      .map((changes) => refund(changes)),
  }),
  fc.record({
    tool: fc.constant('send_email'),
    args: fc.record({ body: fc.string({ minLength: 1, unit: 'binary' }) }).map((changes) => email(changes)),
  }),
  fc.record({
    tool: fc.constant('run_shell'),
    args: fc.record({ command: fc.constantFrom('uptime', 'df -h', 'uptime ', 'rm -rf /') }),
  }),
);

describe('I13: the gate is total', () => {
  const isRuling = (input: unknown) => {
    const { ruling, args } = gate.rule(input as never);
    expect(Ruling.parse(ruling)).toEqual(ruling);
    expect(() => JSON.stringify({ ruling, args })).not.toThrow();
    expect(ruling.reason.isWellFormed()).toBe(true);
    return ruling;
  };

  it('for any JSON as arguments of any tool', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names, 'unknown'),
        fc.jsonValue(),
        fc.boolean(),
        (tool, args, untrusted) => {
          isRuling(proposal(tool, args, { untrusted }));
        },
      ),
      randomRuns(RUNS),
    );
  });

  it('for any JSON in any field of arguments that are otherwise right', () => {
    const field = fc.constantFrom('customerId', 'orderId', 'amountMinor', 'currency', 'reason', 'other');
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        isRuling(proposal('issue_refund', refund({ [name]: value as Json })));
      }),
      randomRuns(RUNS),
    );
  });

  it('for any JavaScript value as the arguments, the facts, or the whole proposal', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        isRuling(proposal('issue_refund', value));
        isRuling(proposal('send_email', email(), { facts: value as never }));
        isRuling(value);
      }),
      randomRuns(RUNS),
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const hostile: [string, unknown][] = [
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a cycle', cyclic],
    [
      'a throwing getter',
      {
        get amountMinor() {
          throw new Error('no');
        },
      },
    ],
    [
      'a throwing proxy',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    ],
    ['an endless array', new Array(4_000_000_000)],
    ['a toJSON', { ...refund(), toJSON: () => ({}) }],
    ['a Date', new Date()],
    ['a key __proto__', JSON.parse('{"__proto__": {"amountMinor": 1}}')],
  ];
  it.each(hostile)('for %s: deny', (_, args) => {
    expect(isRuling(proposal('issue_refund', args)).decision).toBe('deny');
  });

  it('when the alarm itself throws', () => {
    const broken = sampleGate({
      engine: trappingEngine({ at: 1 }).engine,
      onError: () => {
        throw new Error('the alarm is broken');
      },
    });
    expect(broken.rule(proposal('issue_refund', refund())).ruling.decision).toBe('deny');
  });

  it('a getter cannot show the policy one face and the tool another', () => {
    let reads = 0;
    const twoFaced = {
      ...refund(),
      get amountMinor() {
        reads += 1;
        return reads === 1 ? 100 : 99_999_999;
      },
    };
    const { ruling, args } = gate.rule(proposal('issue_refund', twoFaced));
    expect(ruling.decision).toBe('allow');
    expect(args).toEqual(refund({ amountMinor: 100 }));
  });
});

describe('I14: the gate is monotone', () => {
  const rank = { allow: 0, hold: 1, deny: 2 };
  const weaker = (a: Ruling, b: Ruling): boolean =>
    rank[a.decision] < rank[b.decision] ||
    TIERS.indexOf(a.tier) < TIERS.indexOf(b.tier) ||
    (a.decision === 'hold' &&
      b.decision === 'hold' &&
      (routes[a.route]?.strictness ?? 0) < (routes[b.route]?.strictness ?? 0));

  const untrustedIsNeverWeaker = (which: Gate) =>
    fc.assert(
      fc.property(sensible, fc.boolean(), ({ tool, args }, ownAddress) => {
        const facts = { facts: { ownAddress } };
        const trusted = which.rule(proposal(tool, args, facts)).ruling;
        const untrusted = which.rule(proposal(tool, args, { ...facts, untrusted: true })).ruling;
        expect(weaker(untrusted, trusted)).toBe(false);
      }),
      randomRuns(RUNS),
    );

  it('untrusted input never weakens a ruling', () => untrustedIsNeverWeaker(gate));

  it('not even where a policy is written the wrong way round', () => {
    const text = `
      @id("a") @decision("allow") permit (principal, action, resource) when { context.untrusted };
      @id("b") @decision("hold") @route("finance") @tier("high")
      permit (principal, action == Action::"issue_refund", resource) unless { context.untrusted };`;
    const wrongWayRound = sampleGate({ policies: [{ name: 'wrong.cedar', text }] });
    untrustedIsNeverWeaker(wrongWayRound);
    const ruling = (tool: string, args: unknown) =>
      wrongWayRound.rule(proposal(tool, args, { untrusted: true })).ruling;
    expect(ruling('issue_refund', refund())).toMatchObject({
      decision: 'hold',
      route: 'finance',
      tier: 'high',
    });
    expect(ruling('run_shell', { command: 'uptime' }).decision).toBe('deny');
  });

  it('an untrusted mark that is not a boolean counts as set', () => {
    const { ruling } = gate.rule(proposal('issue_refund', refund(), { untrusted: undefined as never }));
    expect(ruling.decision).toBe('hold');
  });

  it('another forbid or hold never weakens a ruling', () => {
    const base = '@id("base") @decision("allow") permit (principal, action, resource);';
    const with_ = (more: string) => sampleGate({ policies: [{ name: 'p.cedar', text: base + more }] });
    const plain = with_('');
    const held = with_(
      '@id("h") @decision("hold") @route("finance") @tier("high") permit (principal, action == Action::"issue_refund", resource) when { context.args.amountMinor > 100 };',
    );
    const forbidden = with_(
      '@id("f") @reason("no") forbid (principal, action == Action::"issue_refund", resource) when { context.args.amountMinor > 100 };',
    );
    fc.assert(
      fc.property(sensible, ({ tool, args }) => {
        const [a, b, c] = [plain, held, forbidden].map((each) => each.rule(proposal(tool, args)).ruling);
        if (!a || !b || !c) throw new Error('three rulings');
        expect(weaker(b, a)).toBe(false);
        expect(rank[c.decision]).toBeGreaterThanOrEqual(rank[a.decision]);
      }),
      randomRuns(RUNS),
    );
  });

  it('of several holds the strictest route and the highest tier count', () => {
    const hold = (id: string, route: string, tier: string) =>
      `@id("${id}") @decision("hold") @route("${route}") @tier("${tier}") permit (principal, action, resource);`;
    const text =
      hold('a', 'support-lead', 'critical') + hold('b', 'finance', 'low') + hold('c', 'question', 'high');
    const { ruling } = sampleGate({ policies: [{ name: 'p.cedar', text }] }).rule(
      proposal('issue_refund', refund()),
    );
    expect(ruling).toMatchObject({
      decision: 'hold',
      route: 'finance',
      tier: 'critical',
      policies: ['a', 'b', 'c'],
    });
  });
});
