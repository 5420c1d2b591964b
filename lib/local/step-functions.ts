import type { SFNClient } from '@aws-sdk/client-sfn';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { createExecutions, type EngineEvent } from './executions.ts';
import { shortSFNClient } from './short-client.ts';
import { stepFunctionsOperations } from './step-functions-operations.ts';
import { createTaskRunner, type Invoke } from './task-runner.ts';
import { createTaskTokens } from './task-tokens.ts';
import { tasksOf } from './tasks.ts';

export interface StepFunctionsOptions {
  readonly definition: StateMachineDefinition;
  readonly invoke: Invoke;
  /** Told of everything that happens in an execution; must not throw. */
  readonly onEvent?: (execution: string, event: EngineEvent) => void;
  /** How long every retry waits, in milliseconds, in place of the definition's back-off; for tests. */
  readonly retryMs?: number;
  /** How many closed executions are remembered, and their names refused. @default 2000 */
  readonly remember?: number;
}

export interface StepFunctions {
  readonly stateMachineArn: string;
  /** An SDK client whose requests never leave the process. */
  client(): SFNClient;
  /** How many states an execution has entered; retries count, as on AWS's bill. */
  transitions(execution: string): number | undefined;
  /** Aborts every execution and waits for the functions that are running. Nothing starts afterwards. */
  stop(): Promise<void>;
}

const STATE_MACHINE_ARN = 'arn:aws:states:local:000000000000:stateMachine:holdpoint';

/** Step Functions in this process. Executions live in memory: after a restart, start them anew from the journal. */
export function createStepFunctions(options: StepFunctionsOptions): StepFunctions {
  const { definition, invoke, onEvent, retryMs, remember = 2000 } = options;
  const tasks = tasksOf(definition);
  const tokens = createTaskTokens();
  const runner = createTaskRunner({ tasks, tokens, invoke });
  const executions = createExecutions({ definition, tasks, tokens, runner, onEvent, retryMs, remember });
  const serve = stepFunctionsOperations(STATE_MACHINE_ARN, executions, tokens);
  return {
    stateMachineArn: STATE_MACHINE_ARN,
    client: () => shortSFNClient(serve),
    transitions: (name) => executions.all.get(name)?.transitions,
    stop: async () => {
      await executions.stop();
      await runner.idle();
    },
  };
}
