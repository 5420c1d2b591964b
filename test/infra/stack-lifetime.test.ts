import { describe, expect, test } from 'vitest';
import { ROWS_INDICES } from '../../lambdas/journal/rows.ts';
import { functions, only } from './stack-roles.ts';
import { cycle, ofType, plain, type Resources, synthesise } from './stack-template.ts';

const { resources, outputs } = synthesise();

const STATEFUL = [
  'AWS::DynamoDB::Table',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
  'AWS::Cognito::UserPool',
  'AWS::KMS::Key',
];
const stateful = (of: Resources) => STATEFUL.flatMap((type) => ofType(of, type));

describe('tables', () => {
  const tables = ofType(resources, 'AWS::DynamoDB::Table');

  test('are kept, can be restored to any moment, and refuse to be deleted', () => {
    expect(tables).toHaveLength(3);
    for (const [, table] of tables) {
      expect(table.DeletionPolicy).toBe('Retain');
      expect(table.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
      });
      expect(table.Properties.TimeToLiveSpecification).toBeUndefined();
      expect(table.Properties.TableName).toBeUndefined();
    }
  });

  test('rows can be listed as the code lists them', () => {
    const rows = resources[only(resources, 'AWS::DynamoDB::Table', 'HoldpointStoreRows')]?.Properties;
    const indices = rows.GlobalSecondaryIndexes.map((index: { IndexName: string; KeySchema: object }) => [
      index.IndexName,
      index.KeySchema,
    ]);
    expect(indices).toEqual(
      ROWS_INDICES.map(({ name, sort }) => [
        name,
        [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: sort, KeyType: 'RANGE' },
        ],
      ]),
    );
    for (const { sort, type } of ROWS_INDICES)
      expect(rows.AttributeDefinitions).toContainEqual({ AttributeName: sort, AttributeType: type });
  });
});

describe('what is stored', () => {
  test('is kept when the stack is deleted', () => {
    for (const [id, { DeletionPolicy }] of stateful(resources)) expect(DeletionPolicy, id).toBe('Retain');
  });

  test('goes with the stack where that was asked for', () => {
    const gone = stateful(synthesise({ removalPolicy: 'destroy' }).resources);
    for (const [id, { DeletionPolicy, Properties }] of gone) {
      expect(DeletionPolicy, id).toBe('Delete');
      expect([undefined, false, 'INACTIVE'], id).toContain(
        Properties.DeletionProtectionEnabled ?? Properties.DeletionProtection,
      );
    }
  });

  test('every function and the state machine log into a group of their own, for as long as configured', () => {
    const { resources: short } = synthesise({ logRetentionDays: '14' });
    const groups = ofType(short, 'AWS::Logs::LogGroup');
    for (const [id, { Properties }] of groups) expect(Properties.RetentionInDays, id).toBe(14);
    const used = ofType(short, 'AWS::Lambda::Function').map(([, of]) =>
      plain(of.Properties.LoggingConfig.LogGroup),
    );
    expect(new Set(used).size).toBe(used.length);
    // Those of the functions, the state machine and the API.
    expect(groups).toHaveLength(used.length + 2);
  });
});

describe('the definition that is deployed', () => {
  const machine = resources[only(resources, 'AWS::StepFunctions::StateMachine')]?.Properties;
  const definition = JSON.parse(plain(machine.DefinitionString));
  const deployed = functions(resources);
  const timeout = (name: string) => deployed.get(name)?.resource.Properties.Timeout as number;
  const inner = definition.States['Do each'].ItemProcessor.States;
  const tasks: [string, Record<string, unknown> & { Retry?: { ErrorEquals: string[] }[] }][] = Object.entries(
    {
      ...definition.States,
      ...inner,
    } as Record<string, { Type: string }>,
  ).filter(([, state]) => state.Type === 'Task') as never;

  test('every task has a time limit and its own retries; a hold’s silence is not retried', () => {
    expect(tasks).toHaveLength(7);
    for (const [name, state] of tasks) {
      expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath, name).toBeDefined();
      const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried, name).toContain('Lambda.TooManyRequestsException');
      expect(retried.includes('States.Timeout'), name).toBe(!name.startsWith('Hold'));
      expect(retried, name).not.toContain('States.ALL');
    }
  });

  test('every function is dead before its state gives it up', () => {
    const limits = { Plan: 'plan', Expire: 'expire', 'Expire one': 'expire' };
    for (const [state, name] of Object.entries(limits)) {
      const of = definition.States[state] ?? inner[state];
      expect(timeout(name), state).toBeLessThan(of.TimeoutSeconds);
      expect(plain(of.Parameters.FunctionName)).toBe(deployed.get(name)?.live);
    }
    const performing = [...deployed.keys()].filter((name) => name.startsWith('perform '));
    for (const of of [definition.States.Perform, inner['Perform one']]) {
      for (const name of performing) expect(timeout(name), name).toBeLessThan(of.TimeoutSeconds);
    }
  });

  test('the API answers before API Gateway gives up', () => {
    expect(timeout('api')).toBeLessThan(29);
  });
});

test('the reconciler is called every minute', () => {
  const [[, rule] = expect.fail()] = ofType(resources, 'AWS::Events::Rule');
  expect(rule.Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
  expect(plain(rule.Properties.Targets[0].Arn)).toBe(functions(resources).get('reconcile')?.live);
});

test('no resource waits for itself', () => {
  const a = { Type: 'A', Properties: { b: { Ref: 'B' } } };
  const b = { Type: 'B', Properties: [{ 'Fn::Join': ['', [{ 'Fn::GetAtt': ['C', 'Arn'] }]] }] };
  const c = { Type: 'C', Properties: {}, DependsOn: ['A'] };
  expect(cycle({ A: a, B: b, C: c })).toEqual(['A', 'B', 'C', 'A']);
  expect(cycle(resources)).toBeUndefined();
  expect(cycle(synthesise({ emulator: true, publicUrl: 'https://example.com/' }).resources)).toBeUndefined();
});

test('the outputs say where everything is, once', () => {
  const names = [
    'ApiUrl',
    'StateMachineArn',
    'JournalTable',
    'RowsTable',
    'CustomersTable',
    'LinkKeysSecret',
  ];
  expect(Object.keys(outputs)).toEqual([...names, 'UserPoolId', 'UserPoolClientId']);
});

test('an emulator is asked for nothing that it lacks, by one switch', () => {
  const { resources: small, outputs: fewer } = synthesise({ emulator: 'true' });
  const types = new Set(Object.values(small).map(({ Type }) => Type));
  expect(
    [...types].filter((type) => /^AWS::Cognito|^AWS::SES|ApiGateway::Account|Authorizer/.test(type)),
  ).toEqual([]);
  expect(Object.keys(fewer)).not.toContain('UserPoolId');
  const { environment } = functions(small).get('api') ?? expect.fail();
  expect(Object.keys(environment).filter((name) => name.startsWith('COGNITO'))).toEqual([]);
});
