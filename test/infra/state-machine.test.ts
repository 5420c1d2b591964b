import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, it } from 'vitest';
import { synthesisedDefinition } from '../../lib/local/synthesised-definition.ts';
import { HANDLERS, HoldStateMachine, RETRIED, TIMED_OUT } from '../../lib/state-machine.ts';
import { TIME_LIMITS } from '../../lib/time-limits.ts';

interface State {
  readonly Type: string;
  readonly Resource: string;
  readonly Parameters: Record<string, unknown>;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number;
  readonly Retry?: readonly {
    ErrorEquals: string[];
    MaxAttempts: number;
    JitterStrategy: string;
    MaxDelaySeconds: number;
  }[];
  readonly Catch?: readonly { ErrorEquals: string[]; Next: string; ResultPath?: string | null }[];
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly {
    Next: string;
    StringEquals?: string;
    Or?: readonly { StringEquals: string }[];
  }[];
  readonly ItemProcessor?: {
    readonly StartAt: string;
    readonly States: Record<string, State>;
    readonly ProcessorConfig: object;
  };
  readonly MaxConcurrency?: number;
  readonly ResultPath?: string | null;
}

const definition = synthesisedDefinition();
const top = definition.States as unknown as Record<string, State>;
const state = (name: string): State => {
  const found = { ...top, ...top['Do each']?.ItemProcessor?.States }[name];
  if (!found) throw new Error(`No state ${name}`);
  return found;
};
const all = Object.entries({ ...top, ...top['Do each']?.ItemProcessor?.States });
const tasks = all.filter(([, { Type }]) => Type === 'Task');
const holds = tasks.filter(([name]) => HANDLERS[name as keyof typeof HANDLERS] === 'hold');
const others = tasks.filter(([name]) => HANDLERS[name as keyof typeof HANDLERS] !== 'hold');
const retried = ({ Retry = [] }: State) => Retry.flatMap(({ ErrorEquals }) => ErrorEquals);

describe('the definition', () => {
  it('is valid Amazon States Language', () => {
    expect(() => new StateMachine(definition)).not.toThrow();
  });

  it('names a handler for every task, and no other', () => {
    expect(tasks.map(([name]) => name).sort()).toEqual(Object.keys(HANDLERS).sort());
  });

  it.each(tasks)('gives %s a time limit and retries of its own', (_, task) => {
    expect((task.TimeoutSeconds ?? 0) > 0 || task.TimeoutSecondsPath !== undefined).toBe(true);
    expect(retried(task)).toEqual(expect.arrayContaining(RETRIED));
    expect(retried(task)).not.toContain('States.ALL');
    expect(task.Retry).toHaveLength(1);
    expect(task.Retry?.[0]).toMatchObject({ MaxAttempts: 6, MaxDelaySeconds: 30, JitterStrategy: 'FULL' });
  });

  it.each(others)('tries %s again after a time-out', (_, task) => {
    expect(retried(task)).toContain(TIMED_OUT);
  });

  it.each(holds)(
    'does not retry a time-out of %s, but lets Expire answer it and go on to Perform',
    (name, hold) => {
      expect(retried(hold)).not.toContain(TIMED_OUT);
      const [expiry] = hold.Catch ?? [];
      expect(expiry).toEqual({
        ErrorEquals: [TIMED_OUT],
        ResultPath: null,
        Next: name.replace('Hold', 'Expire'),
      });
      const expire = state(expiry?.Next ?? '');
      expect(expire.ResultPath).toBeNull();
      expect(expire.Next).toBe(name.replace('Hold', 'Perform'));
      expect(hold.Next).toBe(name.replace('Hold', 'Perform'));
    },
  );

  it.each(holds)(
    'lets %s wait by token for as long as its step says, and kills it by no heartbeat',
    (_, hold) => {
      expect(hold.Resource).toBe('arn:aws:states:::lambda:invoke.waitForTaskToken');
      expect(hold.TimeoutSecondsPath).toBe('$.Payload.step.seconds');
      expect(hold.HeartbeatSeconds).toBeUndefined();
      expect(hold.Parameters.Payload).toMatchObject({
        'step.$': '$.Payload.step',
        'token.$': '$$.Task.Token',
      });
    },
  );

  it.each(tasks)('gives %s only the parameters that lambda:invoke knows', (_, task) => {
    const names = Object.keys(task.Parameters).map((name) => name.replace('.$', ''));
    expect(names.sort()).toEqual(['FunctionName', 'Payload']);
  });

  it('takes from the state which function performs', () => {
    for (const name of ['Perform', 'Perform one'])
      expect(state(name).Parameters['FunctionName.$']).toBe('$.Payload.step.function');
  });

  it('plans again after every Perform', () => {
    expect(definition.StartAt).toBe('Plan');
    expect(state('Perform').Next).toBe('Plan');
    expect(state('Do each').Next).toBe('Plan');
  });

  it('routes every answer of Plan, and fails on one that it does not know', () => {
    const routes = (state('Route').Choices ?? []).flatMap((choice) =>
      (choice.Or ?? [choice]).map(({ StringEquals }) => [StringEquals, choice.Next]),
    );
    expect(Object.fromEntries(routes)).toEqual({
      perform: 'Perform',
      hold: 'Hold',
      several: 'Do each',
      finished: 'Finish',
      paused: 'Finish',
      renew: 'Finish',
    });
    expect(state(state('Route').Default ?? '').Type).toBe('Fail');
  });

  it('does several actions at most 20 at once, each of whose failures ends only itself', () => {
    const each = state('Do each');
    expect(each).toMatchObject({ MaxConcurrency: 20, ResultPath: null });
    expect(each.ItemProcessor).toMatchObject({ ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Route one' });
    const items = Object.entries(each.ItemProcessor?.States ?? {});
    for (const [, item] of items.filter(([, { Type }]) => Type === 'Task'))
      expect(item.Catch?.at(-1)).toEqual({ ErrorEquals: ['States.ALL'], Next: 'Leave one to Plan' });
    expect(items.some(([, { Type }]) => Type === 'Fail')).toBe(false);
  });

  it('gives every function less time than its state, so that no attempt runs unseen beside its retry', () => {
    for (const role of ['plan', 'expire', 'perform'] as const)
      expect(TIME_LIMITS[role].function).toBeLessThan(TIME_LIMITS[role].state);
    for (const [name, { TimeoutSeconds }] of others) {
      const role = HANDLERS[name as keyof typeof HANDLERS] as 'plan' | 'expire' | 'perform';
      expect(TimeoutSeconds).toBe(TIME_LIMITS[role].state);
    }
  });

  it('is written on one page', () => {
    const source = readFileSync(new URL('../../lib/state-machine.ts', import.meta.url), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });
});

describe('the deployed state machine', () => {
  const stack = new Stack(new App(), 'Test');
  const make = (id: string) =>
    new LambdaFunction(stack, id, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
    });
  const called = {
    plan: make('Plan'),
    hold: make('Hold'),
    expire: make('Expire'),
    perform: [make('Pay'), make('Read')],
  };
  make('Unrelated');
  new HoldStateMachine(stack, 'Run', called);
  const template = Template.fromStack(stack);

  it('T12: may invoke the functions it was given, by name and without wildcards, and nothing else', () => {
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies).toHaveLength(1);
    const statements: { Action: string | string[]; Resource: unknown }[] =
      policies[0]?.Properties.PolicyDocument.Statement;
    const invoking = statements.filter(({ Action }) => String(Action).includes('lambda:'));
    expect(new Set(invoking.map(({ Action }) => Action))).toEqual(new Set(['lambda:InvokeFunction']));
    const functions = [called.plan, called.hold, called.expire, ...called.perform];
    const arns = functions.map((fn) => ({
      'Fn::GetAtt': [stack.getLogicalId(fn.node.defaultChild as never), 'Arn'],
    }));
    expect(invoking.map(({ Resource }) => Resource)).toEqual([arns]);
    const rest = statements
      .filter((statement) => !invoking.includes(statement))
      .flatMap(({ Action }) => Action);
    expect(rest.filter((action) => !action.startsWith('logs:'))).toEqual([]);
  });

  it('T7: logs what happens, never the data, which holds task tokens', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: false },
    });
  });
});
