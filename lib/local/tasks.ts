import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Json } from '../../lambdas/json.ts';
import { LONGEST_WAIT_SECONDS } from '../../lambdas/steps.ts';

/** A task state as the engine needs to know it. */
export interface Task {
  readonly name: string;
  /** Whether its result comes by token, not as the function's return value. */
  readonly waits: boolean;
  /** Reads the state's time limit from its parameters. */
  readonly seconds: (parameters: Json) => number;
}

const INVOKE = 'arn:aws:states:::lambda:invoke';

interface States {
  readonly [name: string]: {
    readonly Type: string;
    readonly Resource?: string;
    readonly TimeoutSeconds?: number;
    readonly TimeoutSecondsPath?: string;
    readonly ItemProcessor?: { readonly States: States };
  };
}

/** Every task of a definition, those inside Map included. Throws on what this engine could not run as AWS does. */
export const tasksOf = (definition: StateMachineDefinition): Task[] => tasksIn(definition.States as States);

function tasksIn(states: States): Task[] {
  return Object.entries(states).flatMap(([name, state]) => {
    if (state.ItemProcessor) return tasksIn(state.ItemProcessor.States);
    if (state.Type !== 'Task') return [];
    const waits = state.Resource === `${INVOKE}.waitForTaskToken`;
    if (!waits && state.Resource !== INVOKE) throw new Error(`${name}: cannot run ${state.Resource}`);
    return [{ name, waits, seconds: timeLimit(name, state) }];
  });
}

/** A timer of more than 24.8 days would fire at once. */
function timeLimit(name: string, state: States[string]): Task['seconds'] {
  const { TimeoutSeconds: fixed, TimeoutSecondsPath: path } = state;
  const check = (seconds: unknown): number => {
    if (typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_WAIT_SECONDS) return seconds;
    throw uncatchable('States.Runtime', `${name}: a time limit of ${JSON.stringify(seconds)} seconds`);
  };
  if (path === undefined) return () => check(fixed);
  const keys = path.split('.').slice(1);
  return (parameters) =>
    check(keys.reduce<unknown>((value, key) => (value as Record<string, Json>)?.[key], parameters));
}

/** An error that no Retry and no Catch sees, as AWS treats `States.Runtime`. */
export const uncatchable = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name, isRetryable: false, isCatchable: false });
