import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Json } from '../../lambdas/json.ts';
import type { PositionAtStep, Step } from '../../lambdas/workflow.ts';
import { synthesisedDefinition } from '../../lib/local/synthesised-definition.ts';
import { until } from '../support/listed-tests.ts';
import { type Interpreter, startInterpreter } from './interpreter.ts';

/** What a scripted Plan answers, without the position. */
export type Answer =
  | { next: 'perform' | 'hold'; step: Step }
  | { next: 'several'; branches: Step[] }
  | { next: 'finished' | 'paused' | 'renew' };

type AtStep = PositionAtStep & { readonly delivered?: Json };

/** What the functions of one run do, each told how often it was called for the same action before. */
export interface Script {
  /** Plan's answers, one a call. @default finished, once they are used up */
  readonly plan?: readonly Answer[];
  readonly planned?: (before: number) => Promise<void> | void;
  readonly hold?: (input: AtStep & { token: string }, before: number) => Promise<void> | void;
  readonly expire?: (input: AtStep, before: number) => Promise<void> | void;
  /** What becomes of the action's step. @default done */
  readonly perform?: (input: AtStep, before: number) => Promise<Partial<Step>> | Partial<Step>;
}

export const step = (fields: Partial<Step> = {}): Step => ({
  actionId: '0001.00',
  next: 'perform',
  hold: 0,
  seconds: 3600,
  function: 'perform',
  ...fields,
});
export const performs: Answer = { next: 'perform', step: step() };
export const holds = (seconds = 3600): Answer => ({ next: 'hold', step: step({ next: 'hold', seconds }) });

export const HURRIED_SECONDS = 2;

interface Called {
  readonly name: string;
  readonly input: Record<string, Json>;
}

export interface ScriptedRun {
  readonly executionArn: string;
  readonly calls: readonly Called[];
  called(name: string): readonly Record<string, Json>[];
  /** The token that Hold was last given for an action, when it has been given `count`. */
  token(actionId?: string, count?: number): Promise<string>;
  send(token: string, output?: Json): Promise<unknown>;
  describe(): Promise<DescribeExecutionCommandOutput>;
  /** Its description, once it is closed. */
  ended(): Promise<DescribeExecutionCommandOutput>;
  entered(): Promise<string[]>;
}

export interface Scripts {
  readonly interpreter: Interpreter;
  readonly machine: string;
  /** The definition as it is. */
  run(script: Script): Promise<ScriptedRun>;
  /** With every fixed time limit and every wait of a Retry cut down to seconds, and nothing else changed. */
  runHurried(script: Script): Promise<ScriptedRun>;
  end(): Promise<void>;
}

/** The synthesised definition on the interpreter, each run with functions of its own; runs do not know of each other. */
export async function startScripts(): Promise<Scripts> {
  const runs = new Map<string, { script: Script; calls: Called[] }>();
  const interpreter = await startInterpreter(async (name, payload) => {
    const input = payload as Record<string, Json>;
    const run = runs.get(String(input.runId));
    if (!run) throw new Error(`no run ${input.runId}`);
    const action = actionOf(input);
    const before = run.calls.filter((c) => c.name === name && actionOf(c.input) === action).length;
    run.calls.push({ name, input });
    return play(run.script, name, input as never, before);
  });
  const definition = synthesisedDefinition();
  const machine = await interpreter.create('Runs', definition);
  const hurried = await interpreter.create('Hurried', inAHurry(definition));

  const start = async (stateMachineArn: string, script: Script): Promise<ScriptedRun> => {
    const name = `run${runs.size + 1}`;
    const calls: Called[] = [];
    runs.set(name, { script, calls });
    const { sfn } = interpreter;
    const input = JSON.stringify({ Payload: { runId: name, exec: 1, taken: 0 } });
    const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    const describe = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
    const called = (of: string) => calls.filter((call) => call.name === of).map((call) => call.input);
    return {
      executionArn,
      calls,
      called,
      describe,
      token: (action = '0001.00', count = 1) =>
        until(`Hold is called for ${action}`, () => {
          const tokens = called('hold').filter((of) => actionOf(of) === action);
          return tokens.length >= count && String(tokens.at(-1)?.token);
        }),
      send: (taskToken, output = { outcome: 'approved' }) =>
        sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) })),
      ended: () =>
        until('the execution ends', async () => {
          const described = await describe();
          return described.status !== 'RUNNING' && described;
        }),
      entered: () => interpreter.entered(executionArn),
    };
  };
  return {
    interpreter,
    machine,
    run: (script) => start(machine, script),
    runHurried: (script) => start(hurried, script),
    end: interpreter.end,
  };
}

const actionOf = (input: Record<string, Json>) => (input.step as { actionId?: string } | undefined)?.actionId;

async function play(script: Script, name: string, input: AtStep & { token: string }, before: number) {
  const { runId, exec, taken = 0 } = input;
  switch (name) {
    case 'plan': {
      await script.planned?.(before);
      const answer = script.plan?.[taken] ?? { next: 'finished' };
      return { runId, exec, taken: taken + 1, seen: `turn#${taken}`, ...answer } as unknown as Json;
    }
    case 'hold':
      await script.hold?.(input, before);
      return null;
    case 'expire':
      await script.expire?.(input, before);
      return null;
    case 'perform': {
      const { delivered: _, ...position } = input;
      const becomes = (await script.perform?.(input, before)) ?? { next: 'done' };
      return { ...position, step: { ...input.step, ...becomes } } as unknown as Json;
    }
    default:
      throw new Error(`no function ${name}`);
  }
}

function inAHurry(definition: StateMachineDefinition): StateMachineDefinition {
  const text = JSON.stringify(definition, (key, value) => {
    if (key === 'TimeoutSeconds') return HURRIED_SECONDS;
    if (key === 'BackoffRate') return 1;
    return value;
  });
  return JSON.parse(text);
}
