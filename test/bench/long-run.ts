import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { marathon } from '../../lambdas/agents/marathon.ts';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import type { Power } from '../../lambdas/journal/keys.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import type { RunView } from '../../lambdas/runs/run-schema.ts';
import { viewRun } from '../../lambdas/runs/run-view.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import { executionName } from '../../lambdas/workflow-client.ts';
import { type Core, openCore } from '../../lib/local/core.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { historyCounter } from './history.ts';
import { percentile, round } from './statistics.ts';

export interface LongRun {
  /** Model calls, the answer included. */
  readonly turns: number;
  readonly run: RunView;
  readonly executions: readonly { readonly why: string; readonly events: number }[];
  /** Events of the longest history, counted as AWS counts; it ends an execution at 25,000. */
  readonly largestHistory: number;
  readonly bytesPerTurn: number;
  /** Median from one model call to the next, in the first and in the last tenth of the run. */
  readonly msPerTurn: { readonly early: number; readonly late: number };
  /** From the end of an execution to the first model call of the next, the reconciler's round included: median and most. */
  readonly renewalMs: { readonly p50: number; readonly most: number };
  /** Resident set of this process: at the start, and the most of it. */
  readonly memoryMb: { readonly start: number; readonly most: number };
  /** What a new process would read first: the whole run. */
  readonly wholeMs: number;
}

const AFTER_RENEWAL_MS = 1_000;

/** Plays a run of so many scripted turns, one read of about 1 KB each, on the local stack's core. */
export async function playLongRun(options: {
  readonly data: string;
  readonly turns: number;
  /** @default as many as the functions have */
  readonly roundsPerExecution?: number;
}): Promise<LongRun> {
  const { data, turns, roundsPerExecution } = options;
  const history = historyCounter();
  const alarms: string[] = [];
  /** When each model call began. */
  const calls: number[] = [];
  let leapt = 0;
  const core = await openCore({
    data,
    publicUrl: 'http://127.0.0.1:1',
    sandboxUrl: 'http://127.0.0.1:1',
    notifier: { send: async () => {} },
    report: onAlarm((what) => alarms.push(what)),
    agents: [marathon],
    now: () => new Date(Date.now() + leapt),
    wrap: (around) => ({
      ...around,
      ...(roundsPerExecution === undefined ? {} : { roundsPerExecution }),
      createModel: (spec, env) => {
        const model = createModel(spec, env);
        const next: typeof model.next = (request) => {
          calls.push(performance.now());
          return model.next(request);
        };
        return { ...model, next };
      },
    }),
    onEvent: history.count,
  });
  const memory = watchMemory();
  try {
    const runId = await start(core, `turns-${turns}`);
    const renewals: number[] = [];
    for (let exec = 1; ; exec += 1) {
      await closed(core, runId, exec);
      if ((await core.environment.rows.get('run', runId))?.due === undefined) break;
      const [from, before] = [performance.now(), calls.length];
      // Time passes, and the reconciler comes round.
      leapt += AFTER_RENEWAL_MS;
      await core.reconcile();
      while (calls.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
      renewals.push((calls[before] ?? 0) - from);
    }
    const memoryMb = memory.stop();
    if (alarms.length > 0) throw new Error(`alarms: ${alarms.join(', ')}`);
    const from = performance.now();
    const records = await core.environment.journal.whole(runId);
    const wholeMs = round(performance.now() - from, 0);
    const run = viewRun(records, { now: new Date() });
    if (!run) throw new Error('the run is gone');
    const executions = [...records.values()].flatMap(({ body }) =>
      body.kind === 'exec'
        ? [{ why: body.why, events: history.counts.get(executionName(runId, body.exec)) ?? 0 }]
        : [],
    );
    const gaps = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
    const tenth = Math.ceil(gaps.length / 10);
    return {
      turns: run.turns,
      run,
      executions,
      largestHistory: Math.max(...executions.map(({ events }) => events)),
      bytesPerTurn: Math.round((await storedBytes(core, runId)) / run.turns),
      msPerTurn: {
        early: round(percentile(gaps.slice(0, tenth), 0.5)),
        late: round(percentile(gaps.slice(-tenth), 0.5)),
      },
      renewalMs: { p50: round(percentile(renewals, 0.5), 0), most: round(Math.max(0, ...renewals), 0) },
      memoryMb,
      wholeMs,
    };
  } finally {
    memory.stop();
    await core.stop();
  }
}

async function start({ environment }: Core, scenario: string): Promise<string> {
  for (const Item of SAMPLE_CUSTOMERS)
    await environment.dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
  const deps = {
    ...environment,
    workflow: environment.workflow(),
    policyVersion: environment.gate().policyVersion,
    priceOf: readPrices(),
  };
  const { input } = loadScenario(scenario);
  const started = await startRun(deps, {
    agent: marathon,
    input,
    model: `scripted:${scenario}`,
    requester: 'sam',
  });
  if (started.as !== 'started') throw new Error(started.as);
  return started.runId;
}

async function closed({ environment }: Core, runId: string, exec: number): Promise<void> {
  for (;;) {
    const status = await environment.workflow().status(runId, exec);
    if (status === 'succeeded') return;
    if (status !== 'running') throw new Error(`execution ${exec} is ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function watchMemory() {
  const megabytes = () => round(process.memoryUsage().rss / 1e6, 0);
  const start = megabytes();
  let most = start;
  const timer = setInterval(() => {
    most = Math.max(most, megabytes());
  }, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return { start, most };
    },
  };
}

/** A run's journal items, each as large as DynamoDB says: its attributes' names and values in UTF-8. */
export async function storedBytes({ environment }: Core, runId: string): Promise<number> {
  const powers: Power[] = ['proposals', 'oversight', 'effects'];
  const items = await Promise.all(powers.map((power) => environment.journal.items(runId, power)));
  const size = (item: object) =>
    Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  return items.flat().reduce((sum, item) => sum + size(item), 0);
}
