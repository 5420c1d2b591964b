import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { CONTRACT, type Delivered } from './workflow.ts';

export type ExecutionStatus = 'running' | 'succeeded' | 'died' | 'unknown';

/** What Holdpoint asks of Step Functions. */
export interface Workflow {
  /** Starts execution `<runId>-<exec>`; a second start of it changes nothing (F2). */
  start(runId: string, exec: number): Promise<void>;
  status(runId: string, exec: number): Promise<ExecutionStatus>;
  /** Delivers a settlement to one token. Stale: it was used, has timed out, or its execution is gone. */
  deliver(token: string, delivered: Delivered): Promise<'taken' | 'stale'>;
}

export const executionName = (runId: string, exec: number) => `${runId}-${exec}`;

export function createWorkflow(options: {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
}): Workflow {
  const { sfn, stateMachineArn } = options;
  const executionArn = (name: string) =>
    `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async start(runId, exec) {
      const input = JSON.stringify({ Payload: { v: CONTRACT, runId, exec, taken: 0 } });
      try {
        await sfn.send(
          new StartExecutionCommand({ stateMachineArn, name: executionName(runId, exec), input }),
        );
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
    async status(runId, exec) {
      try {
        const name = executionName(runId, exec);
        const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
        if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
        return status === 'SUCCEEDED' ? 'succeeded' : 'died';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return 'unknown';
        throw error;
      }
    },
    async deliver(token, delivered) {
      try {
        await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(delivered) }));
        return 'taken';
      } catch (error) {
        const stale = [InvalidToken, TaskDoesNotExist, TaskTimedOut].some((kind) => error instanceof kind);
        if (stale) return 'stale';
        throw error;
      }
    },
  };
}
