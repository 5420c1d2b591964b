import type { Json, JsonObject } from '../../lambdas/json.ts';
import type { TaskTokens } from './task-tokens.ts';
import { type Task, uncatchable } from './tasks.ts';

/** Calls a function by its name; what it throws is the task's error, by the error's name. */
export type Invoke = (functionName: string, payload: Json) => Promise<Json>;

/** What the runner must know of the execution that a task belongs to. */
export interface TaskOwner {
  readonly name: string;
  readonly status: string;
}

/** Runs a task's parameters `{FunctionName, Payload}` and answers as `lambda:invoke` does. */
export type TaskHandler = (parameters: unknown) => Promise<Json>;

export interface TaskRunner {
  handlersFor(owner: TaskOwner): Record<string, TaskHandler>;
  /** Resolves when no function is running. */
  idle(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_PAYLOAD_BYTES = 262_144;

export function createTaskRunner(options: {
  readonly tasks: readonly Task[];
  readonly tokens: TaskTokens;
  readonly invoke: Invoke;
}): TaskRunner {
  const { tasks, tokens, invoke } = options;
  /** Calls under way, by what is called for whom. */
  const open = new Map<string, Promise<Json>>();

  /**
   * No attempt starts while the one that the state gave up is still running: nothing here can kill it, as Lambda does
   * at the function's time-out. An attempt that waited past its own limit has been given up itself, and never starts.
   */
  const call = async (
    owner: TaskOwner,
    task: Task,
    parameters: JsonObject,
    seconds: number,
  ): Promise<Json> => {
    const body = encode(parameters.Payload ?? null);
    const functionName = String(parameters.FunctionName).split(':').at(-1) ?? '';
    const key = `${owner.name} ${task.name} ${functionName} ${body}`;
    const deadline = Date.now() + seconds * 1000;
    for (let other = open.get(key); other; other = open.get(key)) {
      await other.catch(() => {});
      if (Date.now() >= deadline) throw uncatchable('States.Runtime', 'Given up before it started');
    }
    refuseEnded(owner);
    const called = (async () => invoke(functionName, JSON.parse(body)))().finally(() => open.delete(key));
    open.set(key, called);
    return JSON.parse(encode((await called) ?? null));
  };

  const run = async (owner: TaskOwner, task: Task, parameters: JsonObject): Promise<Json> => {
    const seconds = task.seconds(parameters);
    if (!task.waits) return { StatusCode: 200, Payload: await call(owner, task, parameters, seconds) };
    const { token } = parameters.Payload as { token: string };
    const delivered = tokens.wait(token, owner, seconds);
    call(owner, task, parameters, seconds).catch((error) => tokens.abandon(token, error));
    return delivered;
  };

  return {
    handlersFor: (owner) =>
      Object.fromEntries(
        tasks.map((task) => [task.name, (parameters) => run(owner, task, parameters as JsonObject)]),
      ),
    idle: async () => {
      while (open.size > 0) await Promise.allSettled(open.values());
    },
  };
}

/** After an abort the interpreter still runs the state that it was about to retry. */
function refuseEnded(owner: TaskOwner): void {
  if (owner.status !== 'RUNNING') throw uncatchable('States.Runtime', 'The execution has ended');
}

/** States see copies, and only what JSON can carry, as on AWS. */
function encode(value: Json): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES)
    throw uncatchable('States.DataLimitExceeded', 'The payload has more than 256 KiB');
  return text;
}
