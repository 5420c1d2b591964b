import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { CONTRACT } from '../lambdas/workflow.ts';
import { TIME_LIMITS } from './time-limits.ts';

/** Which handler each task state calls. */
export const HANDLERS = {
  Plan: 'plan',
  Hold: 'hold',
  Expire: 'expire',
  Perform: 'perform',
  'Hold one': 'hold',
  'Expire one': 'expire',
  'Perform one': 'perform',
} as const;

/** What a throw looks like from here: the step may be tried again. `States.TaskFailed` is every error but a time-out. */
export const RETRIED = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  'States.TaskFailed',
];

/** For a hold this is a person's silence, which Expire answers; elsewhere one more error to retry. */
export const TIMED_OUT = 'States.Timeout';

/** `seen` is there from the first Plan on. */
const FIELDS = ['runId', 'exec', 'taken', 'seen'].map((name) => [`${name}.$`, `$.Payload.${name}`]);
const POSITION = { v: CONTRACT, ...Object.fromEntries(FIELDS) };
const WHOLE = { 'Payload.$': '$.Payload' };

export interface HoldStateMachineProps {
  readonly plan: IFunction;
  readonly hold: IFunction;
  readonly expire: IFunction;
  /** The functions that a step may name: each performs its own tools. */
  readonly perform: readonly IFunction[];
  /** @default false */
  readonly tracing?: boolean;
  /** @default one that keeps three months, as long as Step Functions keeps the history of a closed execution */
  readonly log?: ILogGroup;
}

/** One run of an agent: plan, hold what needs a person, perform, until there is nothing left to do. */
export class HoldStateMachine extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: HoldStateMachineProps) {
    super(scope, id);
    const { plan, hold, expire, perform } = props;
    const invoke = `arn:${Aws.PARTITION}:states:::lambda:invoke`;
    const fields = {
      plan: {
        Resource: invoke,
        Parameters: { FunctionName: plan.functionArn, ...WHOLE },
        TimeoutSeconds: TIME_LIMITS.plan.state,
        ResultSelector: WHOLE,
      },
      hold: {
        Resource: `${invoke}.waitForTaskToken`,
        Parameters: {
          FunctionName: hold.functionArn,
          Payload: { ...POSITION, 'step.$': '$.Payload.step', 'token.$': '$$.Task.Token' },
        },
        TimeoutSecondsPath: '$.Payload.step.seconds',
        ResultPath: '$.Payload.delivered',
      },
      expire: {
        Resource: invoke,
        Parameters: { FunctionName: expire.functionArn, ...WHOLE },
        TimeoutSeconds: TIME_LIMITS.expire.state,
        ResultPath: null,
      },
      perform: {
        Resource: invoke,
        Parameters: { 'FunctionName.$': '$.Payload.step.function', ...WHOLE },
        TimeoutSeconds: TIME_LIMITS.perform.state,
        ResultSelector: WHOLE,
      },
    };
    const task = (name: keyof typeof HANDLERS) =>
      new sfn.CustomState(this, name, { stateJson: { Type: 'Task', ...fields[HANDLERS[name]] } }).addRetry({
        errors: HANDLERS[name] === 'hold' ? RETRIED : [...RETRIED, TIMED_OUT],
        interval: Duration.seconds(1),
        backoffRate: 2,
        maxDelay: Duration.seconds(30),
        maxAttempts: 6,
        jitterStrategy: sfn.JitterType.FULL,
      });
    const holdThenPerform = (suffix: '' | ' one') => {
      const performing = task(`Perform${suffix}`);
      const expiring = task(`Expire${suffix}`);
      const holding = task(`Hold${suffix}`);
      holding.addCatch(expiring, { errors: [TIMED_OUT], resultPath: sfn.JsonPath.DISCARD }).next(performing);
      expiring.next(performing);
      return { performing, expiring, holding };
    };
    const { stringEquals: says, or } = sfn.Condition;
    const nothing = { outputPath: sfn.JsonPath.DISCARD };
    const one = holdThenPerform(' one');
    // One item's failure must not end its siblings: Plan comes next, and sees what was recorded.
    const leave = new sfn.Pass(this, 'Leave one to Plan', nothing);
    for (const state of Object.values(one)) state.addCatch(leave);
    const routeOne = new sfn.Choice(this, 'Route one')
      .when(says('$.Payload.step.next', 'hold'), one.holding)
      .when(says('$.Payload.step.next', 'perform'), one.performing)
      .when(says('$.Payload.step.next', 'done'), new sfn.Succeed(this, 'Finish one', nothing))
      .otherwise(leave);
    one.performing.next(routeOne);
    const each = new sfn.Map(this, 'Do each', {
      itemsPath: '$.Payload.branches',
      itemSelector: { Payload: { ...POSITION, 'step.$': '$$.Map.Item.Value' } },
      maxConcurrency: 20,
      resultPath: sfn.JsonPath.DISCARD,
    }).itemProcessor(routeOne);

    const { holding, performing } = holdThenPerform('');
    const ends = or(...['finished', 'paused', 'renew'].map((word) => says('$.Payload.next', word)));
    const route = new sfn.Choice(this, 'Route')
      .when(says('$.Payload.next', 'perform'), performing)
      .when(says('$.Payload.next', 'hold'), holding)
      .when(says('$.Payload.next', 'several'), each)
      .when(ends, new sfn.Succeed(this, 'Finish'))
      .otherwise(new sfn.Fail(this, 'Refuse unknown step', { error: 'UnknownStep' }));
    const planning = task('Plan');
    planning.next(route);
    performing.next(planning);
    each.next(planning);

    const destination = props.log ?? new LogGroup(this, 'Log', { retention: RetentionDays.THREE_MONTHS });
    this.stateMachine = new sfn.StateMachine(this, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(planning),
      stateMachineType: sfn.StateMachineType.STANDARD,
      tracingEnabled: props.tracing ?? false,
      // Execution data would put task tokens into the log.
      logs: { destination, level: sfn.LogLevel.ALL, includeExecutionData: false },
    });
    const called = [plan, hold, expire, ...perform].map(({ functionArn }) => functionArn);
    this.stateMachine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: called }),
    );
  }
}
