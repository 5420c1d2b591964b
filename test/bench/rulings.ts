import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { p50p99 } from './statistics.ts';
import type { Subject } from './subject.ts';

/** How long the policy gate takes for one proposed action: those of workload W, in turn. */
export function measureRulings({ core }: Subject, rulings: number): { p50: number; p99: number } {
  const gate = core.environment.gate();
  const calls = loadScenario('w').turns.flatMap((turn) => turn.calls ?? []);
  const rule = (n: number) => {
    const call = calls[n % calls.length];
    const from = performance.now();
    gate.rule({
      agent: 'support',
      requester: 'sam',
      tool: '',
      args: {},
      ...call,
      untrusted: false,
      counters: { amountDay: 0, countDay: 0 },
    });
    return performance.now() - from;
  };
  for (let n = 0; n < rulings / 4; n += 1) rule(n);
  return p50p99(Array.from({ length: rulings }, (_, n) => rule(n)));
}
