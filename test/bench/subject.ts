import { marathon } from '../../lambdas/agents/marathon.ts';
import { support } from '../../lambdas/agents/support.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { onAlarm } from '../../lambdas/observe/report.ts';
import { castVote } from '../../lambdas/oversight/vote.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { executionName } from '../../lambdas/workflow-client.ts';
import { type Core, openCore } from '../../lib/local/core.ts';
import { about, aboutTheirCustomer, seedCustomers } from './customers.ts';

/** The system under measurement, driven by its own events: nothing here asks again and again. */
export interface Subject {
  readonly core: Core;
  /** How long the core took to open, without seeding. */
  readonly startMs: number;
  /** Starts a run of a scenario. */
  start(scenario: string, agent?: string, requester?: string): Promise<string>;
  /** Starts it and resolves when its execution has succeeded, with the number of its transitions. */
  finish(scenario: string, agent?: string): Promise<{ runId: string; transitions: number }>;
  /** Milliseconds from every approval so far to the downstream's answer to its effect. */
  readonly approveToEffect: number[];
}

export interface SubjectOptions {
  readonly data: string;
  readonly sandboxUrl: string;
  /** How many runs are to be about a customer of their own. @default 0 */
  readonly customers?: number;
  /** Called for each notice. @default lena approves at once */
  readonly onNotice?: (notice: Notice) => void;
}

export async function openSubject(options: SubjectOptions): Promise<Subject> {
  const { data, sandboxUrl, onNotice, customers = 0 } = options;
  const approved = new Map<string, number>();
  const approveToEffect: number[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const endOf = (execution: string) => {
    const end = ends.get(execution) ?? Promise.withResolvers<void>();
    ends.set(execution, end);
    return end;
  };
  const approve = async ({ at, hold }: Notice): Promise<void> => {
    approved.set(`${at.runId} ${at.actionId}`, performance.now());
    const deps = { ...core.environment, workflow };
    const { digest } = hold;
    const cast = await castVote(deps, at, { who: 'lena', via: 'token', decision: 'approve', digest });
    if (cast.as !== 'counted' || !cast.settled) throw new Error(`the approval was not counted: ${cast.as}`);
  };

  const tools = timed((action) => {
    const since = approved.get(action);
    if (since !== undefined) approveToEffect.push(performance.now() - since);
    approved.delete(action);
  });

  const from = performance.now();
  const core = await openCore({
    data,
    sandboxUrl,
    publicUrl: 'http://127.0.0.1:8787',
    notifier: {
      send: async (sent) => {
        for (const notice of sent) onNotice ? onNotice(notice) : void approve(notice);
      },
    },
    report: onAlarm((what) => {
      throw new Error(`alarm: ${what}`);
    }),
    agents: [support, marathon].map((agent) => ({ ...agent, tools })),
    wrap: (around) => ({
      ...around,
      createModel: (spec, env) => aboutTheirCustomer(createModel(spec, env)),
    }),
    onEvent: (execution, { type }) => {
      if (type === 'ExecutionSucceeded') endOf(execution).resolve();
      if (type === 'ExecutionFailed') endOf(execution).reject(new Error(`${execution} failed`));
    },
  });
  const startMs = performance.now() - from;
  const unused = await seedCustomers(core.environment.dynamodb, customers);
  const workflow = core.environment.workflow();
  const starting = {
    ...core.environment,
    workflow,
    priceOf: readPrices(core.environment.env.HOLDPOINT_PRICES),
    policyVersion: core.environment.gate().policyVersion,
  };

  const start: Subject['start'] = async (scenario, agentName = 'support', requester = 'sam') => {
    const customer = unused.pop();
    const asked = loadScenario(scenario).input;
    const input = customer === undefined ? asked : about(asked, customer);
    const agent = core.environment.tools.agent(agentName);
    if (!agent) throw new Error(`there is no agent ${agentName}`);
    const model = `scripted:${scenario}`;
    const started = await startRun(starting, { agent, input, model, requester });
    if (started.as !== 'started') throw new Error(started.as);
    return started.runId;
  };
  return {
    core,
    startMs,
    start,
    finish: async (scenario, agent) => {
      const runId = await start(scenario, agent);
      const execution = executionName(runId, 1);
      await endOf(execution).promise;
      ends.delete(execution);
      return { runId, transitions: core.stepFunctions.transitions(execution) ?? 0 };
    },
    approveToEffect,
  };
}

/** The sample agents' tools, telling when they have performed an action. */
const timed = (performed: (action: string) => void): Tool[] =>
  support.tools.map((tool) => ({
    ...tool,
    perform: async (args, context) => {
      const value = await tool.perform(args, context);
      performed(`${context.runId} ${context.actionId}`);
      return value;
    },
  }));
