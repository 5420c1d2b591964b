import { support } from '../../lambdas/agents/support.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { createGate } from '../../lambdas/policy/gate.ts';
import type { PolicyFile } from '../../lambdas/policy/lint.ts';
import { readPolicies } from '../../lambdas/policy/load.ts';
import type { Proposal } from '../../lambdas/policy/proposal.ts';
import { p50p99 } from './statistics.ts';

const POLICIES = 100;

/** How long the warm policy gate takes for one proposed action, with 100 policies: the calls of workload W, in turn. */
export function measureRulings(rulings: number): { policies: number; p50: number; p99: number } {
  const gate = createGate({ agents: [support], routes, suspiciousRoute, policies: manyPolicies() });
  const calls = loadScenario('w').turns.flatMap((turn) => turn.calls ?? []);
  const proposals = calls.map(
    ({ tool, args }): Proposal => ({
      agent: 'support',
      requester: 'sam',
      tool,
      args,
      untrusted: false,
      ...(tool === 'issue_refund' ? { counters: { amountDay: 0, countDay: 0 } } : {}),
      ...(tool === 'send_email' ? { facts: { ownAddress: false } } : {}),
    }),
  );
  const rule = (n: number) => {
    const from = performance.now();
    const { ruling } = gate.rule(proposals[n % proposals.length] as Proposal);
    const took = performance.now() - from;
    // A denial may come before the policies are asked.
    if (ruling.decision === 'deny') throw new Error(ruling.reason);
    return took;
  };
  for (let n = 0; n < rulings / 4; n += 1) rule(n);
  return { policies: POLICIES, ...p50p99(Array.from({ length: rulings }, (_, n) => rule(n))) };
}

/** The sample's policies, and as many others on the same actions, whose conditions are looked at each time, as make up 100. */
function manyPolicies(): PolicyFile[] {
  const sample = readPolicies();
  const count = sample.flatMap(({ text }) => text.match(/^(permit|forbid)\b/gm) ?? []).length;
  const watched = Array.from({ length: POLICIES - count }, (_, n) => {
    const action = n % 2 === 0 ? 'issue_refund' : 'send_email';
    return `@id("watched-${n}") @decision("hold") @route("finance") @tier("high") @reason("This customer is looked at.")
permit (principal, action == Action::"${action}", resource) when { context.args.customerId == "C-${9000 + n}" };`;
  });
  return [...sample, { name: 'watched.cedar', text: watched.join('\n') }];
}
