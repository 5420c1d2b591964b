import type { Scheduler } from 'fast-check';
import * as z from 'zod';
import type { Item as Stored } from '../../lambdas/journal/journal.ts';
import { partition } from '../../lambdas/journal/keys.ts';
import type { Body } from '../../lambdas/journal/records.ts';
import type { CounterRow, HoldRow, RunRow, Taken } from '../../lambdas/journal/row-kinds.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import type { Cast } from '../../lambdas/oversight/vote.ts';
import type { Gate } from '../../lambdas/policy/gate.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { type Clock, installClock } from './clock.ts';
import type { Code } from './code.ts';
import { createDownstream, type Downstream } from './downstream.ts';
import { createProcesses, type Process, type Processes } from './processes.ts';
import { AGENT, type Groups, OWNER, PEOPLE, type Policy, ROUTES, rulingOf, TOOL } from './sample.ts';
import type { Scenario } from './scenario.ts';
import { createStore, type Store } from './store.ts';
import { createTimeline, type Timeline } from './timeline.ts';

/** A record as it was put, and when. */
export interface Put {
  readonly tick: number;
  readonly time: number;
  readonly sk: string;
  readonly body: Body;
  /** There was one already. */
  readonly over: boolean;
}

/** An answer that a voter got. */
export interface Ack {
  readonly tick: number;
  readonly asked: number;
  readonly action: string;
  readonly hold: number;
  readonly who: string;
  readonly decision: string;
  /** What the voter's page said. */
  readonly shown: string;
  readonly cast: Cast;
}

/** Everything outside of the code: what it may ask, and what is seen of it. */
export interface World {
  readonly scenario: Scenario;
  readonly code: Code;
  readonly clock: Clock;
  readonly tick: { now: number };
  readonly store: Store;
  readonly processes: Processes;
  readonly downstream: Downstream;
  readonly hop: (label: string) => Promise<void>;
  readonly policy: Timeline<Policy>;
  readonly people: Timeline<Groups>;
  /** Version of what the tool acts on. */
  readonly target: Timeline<number>;
  readonly braked: Timeline<boolean>;
  readonly log: readonly Put[];
  readonly acks: Ack[];
  readonly alarms: string[];
  /** Ticks at which a cancellation was acknowledged. */
  readonly cancels: number[];
  /** Whether the model has been asked for its first turn before. */
  readonly asked: { again: boolean };
  tampered: boolean;
  runId: string;
  /** Says that a stage is reached, for those who wait for it. */
  readonly note: (stage: string) => void;
  /** Resolves once a stage is reached for the n-th time: a record of a kind is there, a step has begun. */
  readonly reached: (stage: string, nth: number) => Promise<void>;
  /** Dependencies of one call by one process. */
  readonly depsOf: (process: Process) => Omit<Deps, 'workflow'>;
  readonly tableOf: (power: 'proposals' | 'oversight' | 'effects') => readonly Stored[];
  readonly rows: () => readonly (HoldRow | RunRow)[];
  /** What every action has taken of the day's sum. */
  readonly taken: () => readonly Taken[];
}

export const JOURNAL = 'journal';
export const ROWS = 'rows';
export const BEGIN = Date.parse('2026-01-01T00:00:00Z');

export type Deps = ReturnType<typeof compose> & {
  readonly workflow: import('../../lambdas/workflow-client.ts').Workflow;
};

export function createWorld(code: Code, scenario: Scenario, scheduler: Scheduler): World {
  const clock = installClock(BEGIN);
  const tick = { now: 0 };
  const at = () => tick.now;
  const log: Put[] = [];
  const waiting: { stage: string; nth: number; go: () => void }[] = [];
  const counts = new Map<string, number>();
  const note = (stage: string) => {
    counts.set(stage, (counts.get(stage) ?? 0) + 1);
    for (const wait of waiting) if (wait.stage === stage && (counts.get(stage) ?? 0) > wait.nth) wait.go();
  };
  const hop = (label: string) => scheduler.schedule(Promise.resolve(), label);
  const store = createStore({
    fault: (call) => scenario.storeFaults.find((fault) => fault.call === call)?.fault,
    written(table, item, before) {
      if (table !== JOURNAL) return;
      const body = JSON.parse((item as unknown as Stored).body) as Body;
      if (body.kind === 'run') world.runId = body.runId;
      log.push({ tick: at(), time: clock.now().getTime(), sk: item.sk, body, over: before !== undefined });
      note(body.kind);
      if (body.kind === 'hold') note(`hold ${item.sk}`);
    },
  });
  const world: Omit<World, 'depsOf'> = {
    scenario,
    code,
    clock,
    tick,
    store,
    processes: createProcesses(scheduler, scenario.onOneMachine, () => note('crash')),
    downstream: createDownstream({
      keyed: scenario.keyed,
      endings: scenario.endings,
      clock,
      tick: at,
      hop,
      nothing: (again) => new code.NothingHappened('refused', { again }),
      effected: () => note('effect'),
    }),
    hop,
    policy: createTimeline(at, scenario.policy),
    people: createTimeline(at, PEOPLE),
    target: createTimeline(at, 0),
    braked: createTimeline(at, false),
    log,
    acks: [],
    alarms: [],
    cancels: [],
    note,
    asked: { again: false },
    tampered: false,
    runId: '',
    reached: (stage, nth) =>
      new Promise((go) => {
        if ((counts.get(stage) ?? 0) > nth) go();
        else waiting.push({ stage, nth, go });
      }),
    tableOf: (power) =>
      (store.items(JOURNAL) as unknown as Stored[]).filter(({ pk }) => pk === partition(power, world.runId)),
    rows: () => store.items(ROWS) as unknown as (HoldRow | RunRow)[],
    taken: () =>
      (store.items(ROWS) as unknown as CounterRow[]).flatMap((row) =>
        row.kind === 'counter' ? row.taken.filter(({ count }) => count > 0) : [],
      ),
  };
  return Object.assign(world, { depsOf: (process: Process) => compose(world, process) });
}

/** What one call of a function is given. */
function compose(world: Omit<World, 'depsOf'>, process: Process) {
  const { code, clock, store, scenario } = world;
  const begun = world.tick.now;
  const now = clock.now;
  const dynamodb = store.client((what) => process.point(what));
  const agents = [
    {
      name: AGENT,
      owner: OWNER,
      instructions: '',
      tools: [toolOf(world, process, begun)],
      limits: { turns: 5, tokens: 1_000_000, wallSeconds: 1_000_000 },
    },
  ];
  const member = (id: string) => {
    const groups = world.people.now()[id];
    return groups && { id, name: id, groups };
  };
  return {
    journal: new code.Journal({ dynamodb, table: JOURNAL, now }),
    rows: new code.Rows({ dynamodb, table: ROWS }),
    tools: new code.ToolBox({ agents, dynamodb, env: {} }),
    agent: agents[0] as (typeof agents)[0],
    routes: ROUTES,
    now,
    gate: gateOf(world),
    directory: {
      find: async (id: string) => {
        await process.point(`asks who ${id} is`);
        return member(id);
      },
      members: async () => [],
    },
    notify: async () => {
      await process.point('notifies');
      if (scenario.noticesFail) throw new Error('no mail today');
    },
    report: onAlarm((what) => world.alarms.push(what)),
    isGone: world.processes.isGone,
    processId: process.id,
    open: process.open,
    remembered: process.remembered,
    tool: TOOL,
    doubtRoute: 'in-doubt',
    functionOf: () => 'perform',
    modelMs: 1_000,
    rounds: 500,
    priceOf: () => undefined,
    modelOf: () => ({
      name: 'model',
      next: async ({ turn }: { turn: number }) => {
        await process.point('asks the model');
        const amounts = world.asked.again ? scenario.amountsAgain : scenario.amounts;
        world.asked.again = true;
        const calls = turn === 1 ? amounts.map((amount) => ({ tool: TOOL, args: { amount } })) : [];
        return { text: `turn ${turn}`, calls, usage: { input: 1, output: 1 } };
      },
    }),
  };
}

const Args = z.strictObject({ amount: z.int() });

function gateOf(world: Omit<World, 'depsOf'>): Gate {
  return {
    policyVersion: 'model',
    rule({ args, counters }) {
      const parsed = Args.safeParse(args);
      const policy = parsed.success ? world.policy.now() : 'deny';
      const ruling = rulingOf(policy, parsed.data?.amount ?? 0, counters?.amountDay);
      return parsed.success ? { ruling, args: parsed.data } : { ruling };
    },
  };
}

function toolOf(world: Omit<World, 'depsOf'>, process: Process, begun: number): Tool {
  const { scenario, downstream } = world;
  return {
    name: TOOL,
    version: 1,
    description: '',
    args: Args,
    replay: scenario.keyed ? 'keyed' : 'never',
    tier: 'medium',
    title: () => '',
    counts: ({ amount }) => ({
      payee: 'payee',
      currency: 'EUR',
      amountMinor: Args.shape.amount.parse(amount),
    }),
    perform: async (args, { actionId, key, signal }) => {
      await process.point('sends the call');
      if (signal.aborted) throw new world.code.NothingHappened('too late', { again: true });
      const call = { action: actionId, key, args: Args.parse(args), begun };
      const answer = await downstream.call(call, signal);
      await process.point('hears the answer');
      return answer;
    },
    ...(scenario.observes
      ? {
          observe: async () => {
            await process.point('observes');
            return { version: `v${world.target.now()}`, facts: { balance: String(world.target.now()) } };
          },
        }
      : {}),
    ...(scenario.readsBack
      ? {
          readBack: async (_, { key }) => {
            await process.point('reads back');
            return downstream.happened(key)
              ? ({ happened: true, result: 'found' } as const)
              : ({ happened: false } as const);
          },
        }
      : {}),
  };
}
