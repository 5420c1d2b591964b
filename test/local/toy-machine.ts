import { DescribeExecutionCommand, SendTaskSuccessCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import type { Json } from '../../lambdas/json.ts';
import type { Planned, Position, PositionAtStep, Step } from '../../lambdas/workflow.ts';
import { createStepFunctions, type StepFunctionsOptions } from '../../lib/local/step-functions.ts';
import { synthesisedDefinition } from '../../lib/local/synthesised-definition.ts';

/** What a toy Plan answers, without the position. */
export type Answer =
  | { next: 'perform' | 'hold'; step: Step }
  | { next: 'several'; branches: Step[] }
  | { next: 'finished' | 'paused' | 'renew' };

export const step = (fields: Partial<Step> = {}): Step => ({
  actionId: '0001.00',
  next: 'perform',
  hold: 0,
  seconds: 3600,
  function: 'perform-toys',
  ...fields,
});
export const performStep = (): Answer => ({ next: 'perform', step: step() });
export const holdStep = (seconds = 3600): Answer => ({ next: 'hold', step: step({ next: 'hold', seconds }) });

export interface Toys {
  /** Plan's answers, one a call. @default finished, once they are used up */
  readonly plan?: readonly Answer[];
  readonly hold?: (input: PositionAtStep & { token: string }) => Promise<Json | undefined> | Json | undefined;
  readonly perform?: (input: PositionAtStep & { delivered?: Json }) => Promise<Json> | Json;
}

const definition = synthesisedDefinition();

/** The real definition on the embedded engine, with toys for functions. Every call is written down. */
export function toyMachine(toys: Toys, options: Partial<StepFunctionsOptions> = {}) {
  const calls: { name: string; input: Record<string, Json> }[] = [];
  const tokens: string[] = [];
  const handlers: Record<string, (input: never) => unknown> = {
    plan: ({ runId, exec, taken }: Position): Planned => ({
      runId,
      exec,
      taken: taken + 1,
      seen: `turn#${taken}`,
      ...(toys.plan?.[taken] ?? { next: 'finished' }),
    }),
    hold: (input: PositionAtStep & { token: string }) => {
      tokens.push(input.token);
      return toys.hold?.(input);
    },
    expire: () => ({ settlement: 'expired' }),
    'perform-toys':
      toys.perform ?? ((input: PositionAtStep) => ({ ...input, step: { ...input.step, next: 'done' } })),
  };
  const engine = createStepFunctions({
    definition,
    retryMs: 1,
    invoke: async (name, input) => {
      calls.push({ name, input: input as Record<string, Json> });
      return (await handlers[name]?.(input as never)) as Json;
    },
    ...options,
  });
  onTestFinished(() => engine.stop());
  const sfn = engine.client();
  const { stateMachineArn } = engine;

  const start = async (name = 'run-1', taken = 0): Promise<string> => {
    const input = JSON.stringify({ Payload: { runId: name, exec: 1, taken } });
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    return executionArn ?? '';
  };
  const describe = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));
  return {
    engine,
    sfn,
    calls,
    tokens,
    start,
    describe,
    approve: (token: string) =>
      sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"outcome":"approved"}' })),
    /** The execution's description, once it is closed. */
    ended: async (arn: string) => {
      await until(async () => (await describe(arn)).status !== 'RUNNING');
      return describe(arn);
    },
    /** The first `count` tokens that Hold was given. */
    held: async (count: number): Promise<string[]> => {
      await until(() => tokens.length >= count);
      return tokens;
    },
    called: (name: string) => calls.filter((call) => call.name === name).map(({ input }) => input),
  };
}

export async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 2));
}
