import type { Json } from '../../lambdas/json.ts';
import type { Execution, Executions } from './executions.ts';
import type { Serve } from './in-process-client.ts';
import { ServiceError } from './service-error.ts';
import type { TaskTokens } from './task-tokens.ts';

/** The inputs of all operations together; the SDK has checked what is required. */
interface Input {
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly name?: string;
  readonly input?: string;
  readonly taskToken?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly statusFilter?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

const MAX_BYTES = 262_144;

/** The operations of Step Functions' API that Holdpoint uses, with AWS's errors by name. */
export function stepFunctionsOperations(
  stateMachineArn: string,
  executions: Executions,
  tokens: TaskTokens,
): Serve {
  const prefix = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:`;

  const find = (arn = ''): Execution => {
    const execution = arn.startsWith(prefix) ? executions.all.get(arn.slice(prefix.length)) : undefined;
    if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution does not exist: ${arn}`);
    return execution;
  };
  const checkMachine = (arn?: string) => {
    if (arn !== stateMachineArn)
      throw new ServiceError('StateMachineDoesNotExist', `State machine does not exist: ${arn}`);
  };
  const summary = (execution: Execution) => ({
    executionArn: prefix + execution.name,
    stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAt / 1000,
    ...(execution.stoppedAt && { stopDate: execution.stoppedAt / 1000 }),
  });

  const operations: Record<string, (input: Input) => object | Promise<object>> = {
    StartExecution: ({ stateMachineArn: arn, name, input = '{}' }) => {
      checkMachine(arn);
      if (name !== undefined && !/^[A-Za-z0-9_.-]{1,80}$/.test(name))
        throw new ServiceError('InvalidName', `Invalid execution name: ${name}`);
      parse(input, 'InvalidExecutionInput');
      const same = name === undefined ? undefined : executions.all.get(name);
      if (same && (same.status !== 'RUNNING' || same.input !== input))
        throw new ServiceError('ExecutionAlreadyExists', `Execution already exists: ${prefix}${name}`);
      const { executionArn, startDate } = summary(same ?? executions.start(input, name));
      return { executionArn, startDate };
    },
    DescribeExecution: ({ executionArn }) => {
      const execution = find(executionArn);
      const { input, output, error, cause } = execution;
      return { ...summary(execution), input, output, error, cause };
    },
    ListExecutions: ({ stateMachineArn: arn, statusFilter, maxResults, nextToken }) => {
      checkMachine(arn);
      const listed = [...executions.all.values()].reverse().map(summary);
      const wanted = statusFilter ? listed.filter(({ status }) => status === statusFilter) : listed;
      const from = Number(nextToken ?? 0);
      const to = from + (maxResults || 100);
      return { executions: wanted.slice(from, to), ...(to < wanted.length && { nextToken: String(to) }) };
    },
    StopExecution: async ({ executionArn, error, cause }) => {
      const execution = find(executionArn);
      await executions.abort(execution, { ...(error && { error }), ...(cause && { cause }) });
      return { stopDate: summary(execution).stopDate };
    },
    SendTaskSuccess: ({ taskToken = '', output = '' }) => {
      tokens.succeed(taskToken, parse(output, 'InvalidOutput'));
      return {};
    },
    SendTaskFailure: ({ taskToken = '', error = '', cause = '' }) => {
      tokens.fail(taskToken, Object.assign(new Error(cause), { name: error }));
      return {};
    },
    SendTaskHeartbeat: ({ taskToken = '' }) => {
      tokens.heartbeat(taskToken);
      return {};
    },
  };

  return (name, input) => {
    const operation = operations[name];
    if (!operation) throw new ServiceError('UnknownOperationException', `No operation ${name}`);
    return operation(input as Input);
  };
}

function parse(text: string, errorName: string): Json {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new ServiceError(errorName, 'More than 256 KiB');
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError(errorName, 'Not JSON');
  }
}
