import type { Item, Records } from '../../lambdas/journal/journal.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import type { Code } from './code.ts';
import { runIdOf, type Seen } from './fixture.ts';

/** Step by step what a run's records come to: the view, where the run stands, what is to be done next. */
export function seenOf(code: Code, items: readonly Item[], runId: string, routes: Routes): Seen {
  const own = items.filter((item) => runIdOf(item) === runId);
  const records = new Map<string, ReturnType<Code['decode']>>();
  const stands: Record<string, string> = {};
  let now = new Date(0);
  for (const item of own) {
    const stored = code.decode(item);
    now = new Date(stored.body.at);
    records.set(item.sk, stored);
    stands[item.sk] = standAfter(code, records, routes, now);
  }
  const view = code.viewRun(records, { now });
  const verified = code.verify(own, { runId });
  return { view, verified, stands };
}

function standAfter(code: Code, records: Records, routes: Routes, now: Date): string {
  const view = code.viewRun(records, { now });
  const cancelled = code.record(records, code.cancelKey, 'cancel') !== undefined;
  const { branches, ended } = code.standOf(records);
  const steps = branches.map((branch) => {
    const { next, hold } = code.stepOf({ routes, now: () => now }, branch, cancelled, 'f');
    const effect = view?.actions.find(({ actionId }) => actionId === branch.actionId)?.effect?.outcome;
    return `${branch.actionId} ${next}${next === 'hold' ? ` ${hold}` : ''}${effect ? ` (${effect})` : ''}`;
  });
  return [`${view?.status ?? 'no run'}${ended ? ', ended' : ''}, turn ${view?.turns ?? 0}`, ...steps].join(
    '; ',
  );
}
