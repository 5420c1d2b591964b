import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { onTestFinished } from 'vitest';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { environment } from '../../lambdas/environment.ts';
import { branchOf } from '../../lambdas/journal/branch.ts';
import { type Item, type Records, record } from '../../lambdas/journal/journal.ts';
import { parseActionId, parseHoldId, turnKey } from '../../lambdas/journal/keys.ts';
import type { HoldRow } from '../../lambdas/journal/row-kinds.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import type { Model } from '../../lambdas/model/model.ts';
import type { Price } from '../../lambdas/model/price.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import { liftBrake, setBrake } from '../../lambdas/oversight/standing.ts';
import { type Ballot, type Cast, castVote } from '../../lambdas/oversight/vote.ts';
import { ROUNDS_PER_EXECUTION } from '../../lambdas/plan/plan.ts';
import { cancelRun } from '../../lambdas/runs/cancel-run.ts';
import { type Started, startRun } from '../../lambdas/runs/start-run.ts';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { type Core, type CoreOptions, openCore } from '../../lib/local/core.ts';
import { TABLES } from '../../lib/local/layout.ts';
import type { Fault } from './fault-kinds.ts';
import { type Judgement, judge } from './judge.ts';
import { readLedger } from './people.ts';
import { type Intercept, unobserved, wrapFetch, wrapPorts } from './ports.ts';
import { played, type Turn } from './proposals.ts';
import { createStillness } from './stillness.ts';

export interface WorldOptions extends Pick<CoreOptions, 'agents' | 'routes'> {
  /** Played by the model `test`, whatever came before. */
  readonly turns?: readonly Turn[];
  readonly sandboxDelayMs?: number;
  readonly createModel?: (spec: string) => Model;
  /** Of every model. @default they cost nothing */
  readonly price?: Price;
  /** @default as many as the functions have */
  readonly roundsPerExecution?: number;
  /** Told how to end it. @default at the end of the test */
  readonly ends?: (end: () => Promise<void>) => void;
}

/** Turns without a call to the outside: longer than any retry waits. */
const WAITING = 6;

export type World = Awaited<ReturnType<typeof openWorld>>;

/** The whole system but HTTP in this process, with a clock that can be moved and an outside that can be broken. */
export async function openWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-world-'));
  const sandbox = await startSandbox({
    port: 0,
    file: join(folder, 'ledger.jsonl'),
    delayMs: options.sandboxDelayMs ?? 0,
  });
  const env: Record<string, string | undefined> = {};
  const alarms: string[] = [];
  const notices: Notice[] = [];
  const calls: string[] = [];
  const stillness = createStillness();
  let offset = 0;
  let broken = 0;
  let faults: { readonly at: RegExp; readonly fault: Fault; left: number }[] = [];
  const now = () => new Date(Date.now() + offset);

  const intercept: Intercept = ({ label }, proceed) => {
    calls.push(label);
    const made = () => stillness.during(proceed);
    const found = faults.find(({ at, left }) => left > 0 && at.test(label));
    if (!found) return made();
    found.left -= 1;
    broken += 1;
    return found.fault(made);
  };
  const unwrap = wrapFetch(sandbox.url, intercept);
  const open = () =>
    openCore({
      data: join(folder, 'data'),
      publicUrl: 'http://127.0.0.1:1',
      sandboxUrl: sandbox.url,
      notifier: { send: async (sent) => void notices.push(...sent) },
      report: onAlarm((what) => alarms.push(what)),
      now,
      retryMs: 10,
      ...(options.agents ? { agents: options.agents } : {}),
      ...(options.routes ? { routes: options.routes } : {}),
      wrap: (around) => {
        const mutable = Object.assign(env, around.env);
        const makeModel = (spec: string) =>
          options.createModel?.(spec) ??
          (spec === 'test' ? played(options.turns ?? []) : createModel(spec, {}));
        const { roundsPerExecution = ROUNDS_PER_EXECUTION } = options;
        return wrapPorts({ ...around, env: mutable, createModel: makeModel, roundsPerExecution }, intercept);
      },
    });
  let core: Core = await open();
  /** As a kill does: whoever is still in the middle of something never comes to its end. */
  const leave = async () => {
    const stopped = core.stop();
    stopped.catch(() => {});
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 30))]);
    await core.folder.close();
  };
  for (const Item of SAMPLE_CUSTOMERS)
    await core.environment.dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
  calls.length = 0;
  (options.ends ?? onTestFinished)(async () => {
    faults = [];
    unwrap();
    await leave();
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });

  const deps = () => ({ ...core.environment, workflow: core.environment.workflow() });
  const read = async (runId: string): Promise<Records> =>
    unobserved(() => core.environment.journal.whole(runId));
  const until = async <T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> => {
    for (const end = Date.now() + 10_000; Date.now() < end; ) {
      const seen = await unobserved(look);
      if (seen !== undefined && seen !== false) return seen;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`never: ${what}`);
  };
  const branch = async (runId: string, actionId: string) => {
    const records = await read(runId);
    const { turn, index } = parseActionId(actionId);
    const found = record(records, turnKey(turn), 'turn');
    return found && branchOf(found, index, records);
  };

  return {
    env,
    alarms,
    notices,
    /** Labels of every call to the outside. */
    calls: calls as readonly string[],
    sandboxUrl: sandbox.url,
    now,
    deps,
    read,
    until,
    branch,
    get core() {
      return core;
    },
    get environment() {
      return core.environment;
    },
    leap: (milliseconds: number) => {
      offset += milliseconds;
    },
    /** Has the next calls with such a label fail; all of them, unless told how many. */
    fail: (at: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY) => {
      faults.push({ at, fault, left: times });
    },
    /** How many calls have failed so far. */
    broken: () => broken,
    heal: () => {
      faults = [];
    },
    /** Has the sandbox fail the next call that could have an effect. */
    sandboxFails: (how: 'before' | 'after' | 'reset') => {
      env.SANDBOX_FAULT = how;
      faults.push({
        at: /http POST/,
        left: 1,
        fault: (proceed) => {
          delete env.SANDBOX_FAULT;
          return proceed();
        },
      });
    },
    /** The functions as another machine runs them, over the same tables. */
    elsewhere: ({ minutesAhead = 0 }: { readonly minutesAhead?: number } = {}) =>
      environment({
        ...core.environment,
        processId: 'elsewhere',
        isGone: () => false,
        now: () => new Date(now().getTime() + minutesAhead * 60_000),
      }),
    brake: (scope: string) => setBrake(core.environment, { id: scope, who: 'otto', reason: 'stop' }),
    /** Lifts a brake, and has the paused runs looked at. */
    release: async (scope: string) => {
      await liftBrake(core.environment, scope, 'otto');
      for (const row of await core.environment.rows.list('run'))
        if (row.status === 'paused')
          await core.environment.rows.change('run', row.id, { due: now().getTime() });
      await core.reconcile();
    },
    /** Another process takes up the data folder: nothing is left of the old one but what it wrote. */
    restart: async () => {
      await leave();
      core = await open();
    },
    async start(model = 'test', idempotencyKey?: string): Promise<string> {
      const started = await this.ask(model, idempotencyKey);
      if (started.as !== 'started') throw new Error(started.as);
      return started.runId;
    },
    ask: (model = 'test', idempotencyKey?: string): Promise<Started> => {
      const agent = core.environment.agents[0];
      if (!agent) throw new Error('no agent');
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      return startRun(
        { ...deps(), policyVersion: 'p', priceOf: () => options.price ?? { input: 0, output: 0 } },
        { agent, input: 'Please.', model, requester: 'sam', ...key },
      );
    },
    cancel: (runId: string) => cancelRun(deps(), runId, 'sam'),
    /** The hold that a run waits for, once its record is there. */
    hold: (runId: string, route?: string): Promise<HoldRow> =>
      until(`an open hold ${route ?? ''}`, async () => {
        const rows = await core.environment.rows.list('hold', `${runId}.`);
        const records = await read(runId);
        return rows.find((row) => {
          const at = parseHoldId(row.id);
          const key = `act#${at?.actionId}#hold#${at?.hold}`;
          return records.has(key) && !records.has(`${key}#settled`) && (!route || row.route === route);
        });
      }),
    vote: async (
      row: HoldRow,
      who: string,
      decision: Ballot['decision'],
      more: Partial<Ballot> = {},
    ): Promise<Cast> => {
      const at = parseHoldId(row.id);
      if (!at) throw new Error(row.id);
      return castVote(deps(), at, { who, via: 'token', decision, digest: row.digest, ...more });
    },
    ended: (runId: string): Promise<string> =>
      until('the end', async () => {
        const row = await core.environment.rows.get('run', runId);
        return row?.due === undefined && row?.status;
      }),
    /** Moves time on and lets the reconciler come round, until the run has ended and nobody is asked anything. */
    async endedInTime(runId: string, milliseconds = 600_000): Promise<string> {
      for (let passed = 0; passed <= milliseconds; passed += 31_000) {
        while ((await stillness.tick()) < WAITING);
        const { rows } = core.environment;
        const row = await unobserved(() => rows.get('run', runId));
        const inbox = await unobserved(() => rows.list('hold', `${runId}.`));
        if (row && row.due === undefined && inbox.length === 0) return row.status;
        offset += 31_000;
        await core.reconcile();
      }
      throw new Error('the run has not ended in time');
    },
    ledger: () => readLedger(sandbox.url),
    result: async (runId: string, actionId: string) => (await branch(runId, actionId))?.result?.body,
    judged: async (runId: string): Promise<Judgement> => {
      const { journal, rows } = core.environment;
      const items: Item[] = [];
      for (const power of ['proposals', 'oversight', 'effects'] as const)
        items.push(...(await unobserved(() => journal.items(runId, power))));
      const row = await unobserved(() => rows.get('run', runId));
      const holds = await unobserved(() => rows.list('hold', `${runId}.`));
      const clock = (at: string) => new Date(Date.parse(at) + offset).toISOString();
      return judge({ runId, items, row, holds, acks: [], clock, ...(await readLedger(sandbox.url)) });
    },
  };
}
