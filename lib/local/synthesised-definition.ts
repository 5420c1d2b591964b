import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { App, Stack } from 'aws-cdk-lib/core';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { HoldStateMachine } from '../state-machine.ts';

/** The ARN by which the local definition names a function; its last segment is the name. */
export const localFunctionArn = (name: string): string =>
  `arn:aws:lambda:local:000000000000:function:${name}`;

/**
 * The definition that CDK renders for AWS, from the same construct, with `plan`, `hold` and `expire` as its functions.
 * Resolved without a cloud assembly, so nothing is written and no account is asked for.
 */
export function synthesisedDefinition(): StateMachineDefinition {
  const stack = new Stack(new App(), 'Local');
  const named = (name: string) =>
    LambdaFunction.fromFunctionAttributes(stack, name, {
      functionArn: localFunctionArn(name),
      sameEnvironment: true,
    });
  const { stateMachine } = new HoldStateMachine(stack, 'Run', {
    plan: named('plan'),
    hold: named('hold'),
    expire: named('expire'),
    perform: [],
  });
  const resource = stateMachine.node.defaultChild as CfnStateMachine;
  return JSON.parse(joined(stack.resolve(resource.definitionString)));
}

/** A resolved string: plain, or an `Fn::Join` whose only reference is the partition. */
function joined(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isRecord(value) && value.Ref === 'AWS::Partition') return 'aws';
  if (isRecord(value) && Array.isArray(value['Fn::Join'])) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(joined).join(separator);
  }
  throw new Error(`The definition refers to what only a deployment knows: ${JSON.stringify(value)}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
