import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { support } from '../../lambdas/agents/support.ts';
import { Terminal } from '../../lambdas/errors.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import { loadScenario, SCENARIO_NAMES } from '../../lambdas/model/scenario-files.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';
import type { Core } from '../../lib/local/core.ts';
import { demoOf } from '../../lib/local/demo/demos.ts';
import { playDemo } from '../../lib/local/demo/play.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { answers, diesAfter } from '../faults/fault-kinds.ts';
import { FINANCE, LEAD, lookUp, OPERATIONS, refund, wire } from '../faults/proposals.ts';
import { blind } from '../faults/scenario.ts';
import { openWorld, type World, type WorldOptions } from '../faults/world.ts';

export interface Recorded {
  readonly items: readonly Item[];
  readonly routes?: Routes;
}

/** Everything in the journal. */
async function journalOf({ environment }: Core): Promise<readonly Item[]> {
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await environment.dynamodb.send(
      new ScanCommand({ TableName: TABLES.journal, ...(start ? { ExclusiveStartKey: start } : {}) }),
    );
    items.push(...((page.Items ?? []) as Item[]));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

/** A scenario as `npm run demo` plays it. */
function recordDemo(name: string, decide: 'approve' | 'reject'): Promise<Recorded> {
  const demo = demoOf(name, decide);
  return playDemo(loadScenario(name), demo, async ({ stack, hands, runIds, problems }) => {
    await Promise.all(runIds.map(hands.ended));
    if (problems.length > 0) throw new Error(problems.join('; '));
    return { items: await journalOf(stack.core), ...(demo.routes ? { routes: demo.routes } : {}) };
  });
}

/** A run that something befalls. */
const befallen =
  (options: WorldOptions, befall: (world: World, runId: string) => Promise<unknown>) =>
  async (): Promise<Recorded> => {
    let end = async () => {};
    const world = await openWorld({
      ...options,
      ends: (ending) => {
        end = ending;
      },
    });
    try {
      const runId = await world.start();
      await befall(world, runId);
      return { items: await journalOf(world.core) };
    } finally {
      await end();
    }
  };

const poisoned = (error: () => Error): WorldOptions => ({
  createModel: () => ({
    name: 'test',
    next: async () => {
      throw error();
    },
  }),
});

/** A wire whose answer was lost, and whose bank cannot be asked: people are, and this one says so. */
const doubted = (answer: string | undefined) =>
  befallen({ agents: [blind], turns: [[wire()], 'Done.'] }, async (world, runId) => {
    world.sandboxFails('reset');
    await world.vote(await world.hold(runId), FINANCE, 'approve');
    const doubt = await world.hold(runId, 'in-doubt');
    if (answer === undefined) return;
    await world.vote(doubt, OPERATIONS, 'answer', { answer });
    await world.endedInTime(runId);
  });

const [FIRST_TURN, ...MANY] = Array.from({ length: 5 }, () => [lookUp]);

/** What a release records, by name. */
export const CASES: Readonly<Record<string, () => Promise<Recorded>>> = {
  ...Object.fromEntries(SCENARIO_NAMES.map((name) => [name, () => recordDemo(name, 'approve')])),
  'refund-rejected': () => recordDemo('refund', 'reject'),
  'failed-died': befallen(
    poisoned(() => new Error('poison')),
    (world, runId) => world.endedInTime(runId, 20 * 60_000),
  ),
  'failed-model': befallen(
    poisoned(() => new Terminal('no access')),
    (world, runId) => world.ended(runId),
  ),
  'failed-limit': befallen(
    { agents: [{ ...support, limits: { ...support.limits, turns: 3 } }], turns: [FIRST_TURN ?? [], ...MANY] },
    (world, runId) => world.ended(runId),
  ),
  renewed: befallen({ turns: [FIRST_TURN ?? [], ...MANY], roundsPerExecution: 2 }, (world, runId) =>
    world.endedInTime(runId),
  ),
  'cut-off': befallen({ turns: [[wire()], 'Done.'] }, async (world, runId) => {
    world.fail(/http POST/, diesAfter, 1);
    await world.vote(await world.hold(runId), FINANCE, 'approve');
    await world.until('the death of its process', async () => world.broken() === 1);
    await world.restart();
    await world.core.reconcile({ allRuns: true });
    await world.endedInTime(runId);
  }),
  cancelled: befallen({ turns: [[lookUp], [refund(6_000)], 'Done.'] }, async (world, runId) => {
    await world.hold(runId);
    await world.cancel(runId);
    await world.endedInTime(runId);
  }),
  'nobody-decided': befallen({ turns: [[refund(6_000)], 'Done.'] }, async (world, runId) => {
    for (let hold = await world.hold(runId); ; ) {
      world.leap(Date.parse(hold.expiresAt) - world.now().getTime() + 1_000);
      await world.core.reconcile();
      const next = await Promise.race([world.hold(runId), world.ended(runId)]);
      if (typeof next === 'string') return;
      hold = next;
    }
  }),
  'allowed-refund': befallen({ turns: [[refund(3_000)], 'Done.'] }, async (world, runId) => {
    await world.endedInTime(runId);
  }),
  'busy-downstream': befallen({ turns: [[refund(6_000)], 'Done.'] }, async (world, runId) => {
    world.fail(/http POST/, answers(429), 2);
    await world.vote(await world.hold(runId), LEAD, 'approve');
    await world.endedInTime(runId);
  }),
  'answer-lost': befallen({ turns: [[refund(6_000)], 'Done.'] }, async (world, runId) => {
    world.sandboxFails('reset');
    await world.vote(await world.hold(runId), LEAD, 'approve');
    await world.endedInTime(runId);
  }),
  'looked-up': befallen({ turns: [[wire()], 'Done.'] }, async (world, runId) => {
    world.sandboxFails('reset');
    await world.vote(await world.hold(runId), FINANCE, 'approve');
    await world.endedInTime(runId);
  }),
  'in-doubt': doubted(undefined),
  'in-doubt-happened': doubted('it happened'),
  'in-doubt-again': doubted('it did not happen'),
  'left-in-doubt': doubted('leave it'),
};
