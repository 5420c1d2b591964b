import type { Context } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it, vi } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { type Cedar, createEngine } from '../../lambdas/policy/engine.ts';
import { createJudge } from '../../lambdas/policy/judge.ts';
import { loadPolicies } from '../../lambdas/policy/load.ts';
import { proposal, refund, sampleGate } from './policy-sample.ts';
import { trap, trappingEngine } from './policy-trap.ts';

describe('F3: the policy engine falls over', () => {
  it.each([
    ['a trap', trap()],
    ['a stack overflow', new RangeError('Maximum call stack size exceeded')],
    ['a thrown non-error', 'nothing'],
  ])('%s is a denial with an alarm, the instance is replaced, and the next call is normal', (_, error) => {
    const onError = vi.fn();
    const { engine, loaded } = trappingEngine({ at: 2, error });
    const trapping = sampleGate({ engine, onError });
    const decide = () => trapping.rule(proposal('issue_refund', refund())).ruling.decision;
    expect([decide(), decide(), decide(), decide()]).toEqual(['allow', 'deny', 'allow', 'allow']);
    expect(onError).toHaveBeenCalledOnce();
    expect(loaded()).toBe(2);
  });

  it('a real trap leaves the old instance dead, and a new one answers', () => {
    const engine = createEngine();
    const other = sampleGate({ engine });
    expect(other.rule(proposal('issue_refund', refund())).ruling.decision).toBe('allow');
    let dead: Cedar | undefined;
    const deep = `${'('.repeat(3_000)}true${')'.repeat(3_000)}`;
    expect(() =>
      engine.call((cedar) => {
        dead = cedar;
        return cedar.policyToJson(`permit (principal, action, resource) when { ${deep} };`);
      }),
    ).toThrow();
    expect(() => dead?.policyToJson('permit (principal, action, resource);')).toThrow();
    expect(other.rule(proposal('issue_refund', refund())).ruling.decision).toBe('allow');
  });

  it('an error in one policy denies and alarms, whatever the other policies say', () => {
    const onError = vi.fn();
    const text = `
      @id("ok") @decision("allow") permit (principal, action, resource);
      @id("errs") @reason("overflow") forbid (principal, action == Action::"issue_refund", resource)
      when { context.args.amountMinor * 9000000000000000 > 1 };`;
    const erring = sampleGate({ policies: [{ name: 'p.cedar', text }], onError });
    const { ruling, args } = erring.rule(proposal('issue_refund', refund()));
    expect(ruling).toMatchObject({ decision: 'deny', reason: 'the policy could not be evaluated' });
    expect(args).toEqual(refund());
    expect(onError.mock.calls[0]?.[0].message).toContain('overflow');
    expect(erring.rule(proposal('run_shell', { command: 'uptime' })).ruling.decision).toBe('allow');
  });

  it('a request that does not fit the schema is an error, whatever stands before Cedar', () => {
    const engine = createEngine();
    const text = '@id("all") @decision("allow") permit (principal, action, resource);';
    const set = loadPolicies([{ name: 'p.cedar', text }], { agents: [support], routes, engine });
    const judge = createJudge(set, { routes, engine });
    const ask =
      (context: Context, agent = 'support') =>
      () =>
        judge({ agent, tool: 'lookup_customer', tier: 'low', context });
    const context = {
      args: { customerId: 'C-1' },
      granted: false,
      requester: 'rita',
      tier: 'low',
      untrusted: false,
    };
    expect(ask(context)().decision).toBe('allow');
    expect(ask(context, 'billing')).toThrow(/Agent::"billing"/);
    expect(ask({})).toThrow();
    expect(ask({ ...context, more: 1 })).toThrow(/more/);
    expect(ask({ ...context, args: { customerId: 5 } })).toThrow();
    expect(
      ask({ ...context, args: { customerId: { __entity: { type: 'Agent', id: 'support' } } } }),
    ).toThrow();
  });
});
