import { randomUUID } from 'node:crypto';
import { type RunOptions, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { ServiceError } from './service-error.ts';
import type { TaskRunner } from './task-runner.ts';
import type { TaskTokens } from './task-tokens.ts';
import { type Task, uncatchable } from './tasks.ts';

type Run = ReturnType<StateMachine['run']>;
type Overrides = NonNullable<RunOptions['overrides']>;
export type EngineEvent = Run['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;

export interface Execution {
  readonly name: string;
  /** The JSON text it was started with. */
  readonly input: string;
  readonly startedAt: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  transitions: number;
  stoppedAt?: number;
  output?: string;
  error?: string;
  cause?: string;
  abort: () => void;
  /** Resolves when the execution is closed. */
  closed: Promise<void>;
}

export interface Executions {
  readonly all: ReadonlyMap<string, Execution>;
  /** The name must be free. Throws `StateMachineDeleting` once everything is stopped. */
  start(input: string, name?: string): Execution;
  abort(execution: Execution, why?: { readonly error?: string; readonly cause?: string }): Promise<void>;
  stop(): Promise<void>;
}

export interface ExecutionsOptions {
  readonly definition: StateMachineDefinition;
  readonly tasks: readonly Task[];
  readonly tokens: TaskTokens;
  readonly runner: TaskRunner;
  readonly onEvent?: ((execution: string, event: EngineEvent) => void) | undefined;
  readonly retryMs?: number | undefined;
  readonly remember: number;
}

/** The executions of one definition, in memory: they end with the process. */
export function createExecutions(options: ExecutionsOptions): Executions {
  const { definition, tasks, tokens, runner, onEvent, retryMs, remember } = options;
  // One machine serves every execution. Validating it would take a third of a second of every start; a test does it.
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const all = new Map<string, Execution>();
  const closed: string[] = [];
  let stopping = false;

  /** Serves every execution too: each attempt of a task reads a new token. */
  const Task = {
    get Token() {
      return tokens.issue();
    },
  };
  const retryIntervalOverrides =
    retryMs === undefined ? {} : Object.fromEntries(tasks.map(({ name }) => [name, retryMs]));

  const follow = async (execution: Execution, run: Run): Promise<void> => {
    const ended = run.result.then(
      (output): Partial<Execution> => ({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
      failureOf,
    );
    // Read as they come: unread events would stay, each with its state's input.
    for await (const event of run.eventLogs) {
      if (event.type === 'StateEntered' || event.type === 'StateRetried') execution.transitions += 1;
      onEvent?.(execution.name, event);
    }
    Object.assign(execution, await ended, { stoppedAt: Date.now() });
    tokens.abandonAll(execution, uncatchable('States.Runtime', 'The execution has ended'));
    closed.push(execution.name);
    if (closed.length > remember) all.delete(closed.shift() ?? '');
  };

  const abort: Executions['abort'] = async (execution, why = {}) => {
    if (execution.status === 'RUNNING') {
      Object.assign(execution, why, { status: 'ABORTED' });
      execution.abort();
    }
    await execution.closed;
  };

  return {
    all,
    start: (input, name = randomUUID()) => {
      if (stopping) throw new ServiceError('StateMachineDeleting', 'The local stack is stopping');
      const execution: Execution = {
        name,
        input,
        startedAt: Date.now(),
        status: 'RUNNING',
        transitions: 0,
        abort: () => {},
        closed: Promise.resolve(),
      };
      all.set(name, execution);
      const taskResourceLocalHandlers = runner.handlersFor(execution);
      const run = machine.run(JSON.parse(input), {
        overrides: { taskResourceLocalHandlers, retryIntervalOverrides } as Overrides,
        context: { Task, Execution: { Name: name } },
      });
      execution.abort = run.abort;
      execution.closed = follow(execution, run);
      return execution;
    },
    abort,
    stop: async () => {
      stopping = true;
      await Promise.all([...all.values()].map((execution) => abort(execution)));
    },
  };
}

/** How the interpreter says that an execution did not succeed. */
function failureOf(error: Error): Partial<Execution> {
  if (error.name === 'ExecutionAbortedError') return { status: 'ABORTED' };
  if (error.name === 'ExecutionTimeoutError') return { status: 'TIMED_OUT' };
  const cause = error.cause instanceof Error ? error.cause : error;
  return { status: 'FAILED', error: cause.name, cause: cause.message };
}
