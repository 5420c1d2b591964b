import { describe, expect, test } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { functions, may, only, statements } from './stack-roles.ts';
import { ofType, plain, synthesise } from './stack-template.ts';

const { resources } = synthesise();
const all = statements(resources);
const deployed = functions(resources);
const roles = new Set(ofType(resources, 'AWS::IAM::Role').map(([id]) => id));
const table = (start: string) => `${only(resources, 'AWS::DynamoDB::Table', start)}.Arn`;
const journal = table('HoldpointStoreJournal');
const rows = table('HoldpointStoreRows');
const customers = table('Customers');
const machine = only(resources, 'AWS::StepFunctions::StateMachine');
const machineRole = resources[machine]?.Properties.RoleArn['Fn::GetAtt'][0];

const role = (name: string) => deployed.get(name)?.role ?? expect.fail(`no function ${name}`);
const who = (allowed: (role: string) => boolean) =>
  [...deployed].flatMap(([name, of]) => (allowed(of.role) ? [name] : [])).sort();

const PERFORM = support.tools.map((tool) => `perform ${tool.name}`);
const STEPS = ['plan', 'hold', 'expire', ...PERFORM];
const EVERYONE = [...STEPS, 'api', 'reconcile'].sort();

test('every function has a role of its own, and there is one function for each tool', () => {
  expect([...deployed.keys()].sort()).toEqual(EVERYONE);
  expect(new Set([...deployed.values()].map((of) => of.role)).size).toBe(deployed.size);
});

describe('T12: each power writes its own partition of the journal only', () => {
  test.each([
    ['proposals', ['plan']],
    ['oversight', ['api', 'expire', 'hold', 'reconcile']],
    ['effects', [...PERFORM].sort()],
    ['', []],
    ['standing', ['api']],
  ])('"%s#…" is written by %j alone', (power, writers) => {
    expect(who((r) => may(all, r, 'dynamodb:PutItem', journal, `${power}#run`))).toEqual(writers);
  });

  test.each([
    'UpdateItem',
    'DeleteItem',
    'BatchWriteItem',
    'PartiQLInsert',
    'PartiQLUpdate',
    'PartiQLDelete',
    'ImportTable',
    'UpdateTable',
    'UpdateTimeToLive',
    'DeleteTable',
  ])('nobody may %s the journal', (action) => {
    const partitions = ['proposals#run', 'oversight#run', 'effects#run'];
    const allowed = [...roles].filter((r) =>
      partitions.some((key) => may(all, r, `dynamodb:${action}`, journal, key)),
    );
    expect(allowed).toEqual([]);
  });

  test('everyone reads the whole journal, by key and by query', () => {
    for (const action of ['BatchGetItem', 'Query']) {
      expect(who((r) => may(all, r, `dynamodb:${action}`, journal, 'effects#run'))).toEqual(EVERYONE);
    }
  });

  test('no statement allows a wildcard of actions, and only log deliveries and the sending of traces are of any resource', () => {
    expect(all.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
    const anywhere = all.filter(({ resources: on }) => on.includes('*'));
    const traces = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
    // The machine also reads by which rules it samples.
    const sampling = ['xray:GetSamplingRules', 'xray:GetSamplingTargets'];
    for (const { role: of, actions } of anywhere) {
      const known = of === machineRole ? [...traces, ...sampling] : traces;
      const others = actions.filter((action) => !known.includes(action));
      expect(others.filter((action) => of !== machineRole || !action.startsWith('logs:'))).toEqual([]);
    }
    const untraced = statements(synthesise({ tracing: false }).resources);
    const still = untraced.filter(({ resources: on }) => on.includes('*'));
    expect(still.map((statement) => statement.role)).toEqual([machineRole]);
    const actions = still.flatMap((statement) => statement.actions);
    expect(actions.filter((action) => !action.startsWith('logs:'))).toEqual([]);
  });
});

describe('rows', () => {
  test('T7: rows of holds, which have task tokens in them, are read by Hold, API and reconciler alone', () => {
    for (const action of [
      'GetItem',
      'Query',
      'Scan',
      'BatchGetItem',
      'GetRecords',
      'PartiQLSelect',
      'ExportTable',
    ]) {
      const readers = who((r) => may(all, r, `dynamodb:${action}`, rows, 'hold'));
      expect(['api', 'hold', 'reconcile'], action).toEqual(expect.arrayContaining(readers));
    }
    const indexed = who((r) => may(all, r, 'dynamodb:Query', `${rows}/index/by-due`, 'hold'));
    expect(indexed).toEqual(['api', 'reconcile']);
    expect(who((r) => may(all, r, 'dynamodb:GetItem', rows, 'hold'))).toEqual(['api', 'hold', 'reconcile']);
  });

  test('T30: a brake is read by whoever plans or performs, and set or lifted by the API alone', () => {
    const readers = who((r) =>
      ['BatchGetItem', 'Query'].some((action) => may(all, r, `dynamodb:${action}`, rows, 'brake')),
    );
    expect(readers).toEqual([...PERFORM, 'api', 'plan', 'reconcile'].sort());
    for (const action of ['PutItem', 'UpdateItem', 'DeleteItem']) {
      expect(who((r) => may(all, r, `dynamodb:${action}`, rows, 'brake'))).toEqual(['api']);
    }
  });

  test('T31: sums and uses of grants are taken by those that perform alone, and grants are given by the API alone', () => {
    for (const action of ['PutItem', 'UpdateItem', 'DeleteItem']) {
      const taking = action === 'PutItem' ? [...PERFORM].sort() : [];
      expect(who((r) => may(all, r, `dynamodb:${action}`, rows, 'counter'))).toEqual(taking);
      const giving = action === 'UpdateItem' ? [] : ['api'];
      expect(who((r) => may(all, r, `dynamodb:${action}`, rows, 'grant'))).toEqual(giving);
    }
    expect(who((r) => may(all, r, 'dynamodb:GetItem', rows, 'counter'))).toEqual(
      [...PERFORM, 'api', 'plan'].sort(),
    );
    expect(who((r) => may(all, r, 'dynamodb:Query', rows, 'grant'))).toEqual(['api', 'plan']);
  });

  test('T5, T34: budgets are taken by Plan and left by the reconciler too; figures of approvers are the API’s alone', () => {
    expect(who((r) => may(all, r, 'dynamodb:PutItem', rows, 'budget'))).toEqual(['plan', 'reconcile']);
    expect(who((r) => may(all, r, 'dynamodb:PutItem', rows, 'approver'))).toEqual(['api']);
    expect(who((r) => may(all, r, 'dynamodb:GetItem', rows, 'approver'))).toEqual(['api']);
    for (const kind of ['budget', 'approver']) {
      for (const action of ['UpdateItem', 'DeleteItem']) {
        expect(who((r) => may(all, r, `dynamodb:${action}`, rows, kind))).toEqual([]);
      }
    }
  });

  test('what the steps do with rows is allowed', () => {
    const needed = [
      ['plan', 'UpdateItem', 'run'],
      ['hold', 'UpdateItem', 'hold'],
      ['hold', 'DeleteItem', 'hold'],
      ['expire', 'DeleteItem', 'hold'],
      ['api', 'PutItem', 'run'],
      ['reconcile', 'DeleteItem', 'run'],
      ['reconcile', 'UpdateItem', 'hold'],
    ] as const;
    for (const [name, action, kind] of needed) {
      expect(may(all, role(name), `dynamodb:${action}`, rows, kind), `${name} ${action} ${kind}`).toBe(true);
    }
  });
});

describe('the state machine', () => {
  test('T12: only the state machine may invoke the functions of its steps', () => {
    const invoking = all.filter(({ actions }) => actions.some((action) => action.startsWith('lambda:')));
    expect(new Set(invoking.map((statement) => statement.role))).toEqual(new Set([machineRole]));
    // As they are called: neither a function by itself nor any of its versions.
    const invokable = new Set(invoking.flatMap(({ resources: on }) => on));
    expect(invokable).toEqual(new Set(STEPS.map((name) => deployed.get(name)?.live)));
    const permissions = ofType(resources, 'AWS::Lambda::Permission');
    const others = permissions.map(([, { Properties }]) => plain(Properties.FunctionName));
    expect(new Set(others)).toEqual(new Set([deployed.get('api')?.live, deployed.get('reconcile')?.live]));
    for (const [, { Properties }] of permissions) expect(plain(Properties.SourceArn)).not.toBe('undefined');
    for (const type of ['AWS::Lambda::Url', 'AWS::Lambda::EventSourceMapping'])
      expect(ofType(resources, type)).toEqual([]);
  });

  test('T12: each function that performs knows its own tool, and nobody else is told one', () => {
    const tools = [...deployed.values()].flatMap(({ environment }) => environment.HOLDPOINT_TOOL ?? []);
    expect(tools.sort()).toEqual(support.tools.map((tool) => tool.name).sort());
    const [, of] = [...deployed].find(([name]) => name === 'plan') ?? expect.fail();
    const told = plain(of.environment.PERFORM_FUNCTIONS);
    const named = Object.entries(JSON.parse(told) as Record<string, string>);
    expect(named).toEqual(support.tools.map(({ name }) => [name, deployed.get(`perform ${name}`)?.live]));
  });

  test('T12: only API, Hold and reconciler send tokens, of this state machine’s tasks', () => {
    const sending = all.filter(({ actions }) =>
      actions.some((action) => action.startsWith('states:SendTask')),
    );
    expect(new Set(sending.flatMap(({ resources: on }) => on))).toEqual(new Set([machine]));
    expect(who((r) => may(all, r, 'states:SendTaskSuccess', machine))).toEqual(['api', 'hold', 'reconcile']);
    expect(sending).toHaveLength(3);
  });

  test('only API and reconciler start executions', () => {
    const starting = all.filter(({ actions }) => actions.includes('states:StartExecution'));
    expect(starting.map((statement) => statement.role).sort()).toEqual(
      [role('api'), role('reconcile')].sort(),
    );
  });
});

test('only API, Hold and reconciler read the keys that sign links, and are told where links lead', () => {
  const secret = only(resources, 'AWS::SecretsManager::Secret');
  const readers = ['api', 'hold', 'reconcile'];
  expect(who((r) => may(all, r, 'secretsmanager:GetSecretValue', secret))).toEqual(readers);
  const told = [...deployed].filter(([, { environment }]) => environment.LINK_KEYS_SECRET !== undefined);
  expect(told.map(([name]) => name).sort()).toEqual(readers);
  for (const [, { environment }] of told) expect(plain(environment.PUBLIC_URL)).toMatch(/^https:\/\/.*\/v1$/);
});

describe('what is reached beyond', () => {
  test('who is in which group is read by those that decide, tell people or perform, of the one user pool', () => {
    const asking = all.filter(({ actions }) => actions.some((action) => action.startsWith('cognito-idp:')));
    const people = [...PERFORM, 'api', 'hold', 'reconcile'].sort();
    const pool = `${only(resources, 'AWS::Cognito::UserPool')}.Arn`;
    expect(who((r) => may(all, r, 'cognito-idp:ListUsersInGroup', pool))).toEqual(people);
    for (const { actions, resources: on } of asking)
      expect([actions, on]).toEqual([['cognito-idp:ListUsersInGroup'], [pool]]);
    const told = [...deployed].filter(([, { environment }]) => environment.HOLDPOINT_USER_POOL !== undefined);
    expect(told.map(([name]) => name).sort()).toEqual(people);
  });

  test('a list of approvers takes the place of the user pool', () => {
    const listed = synthesise({ approvers: [{ id: 'ada', name: 'Ada', groups: ['finance'] }] }).resources;
    const actions = statements(listed).flatMap((statement) => statement.actions);
    expect(actions.filter((action) => action.startsWith('cognito-idp:'))).toEqual([]);
    for (const { environment } of functions(listed).values())
      expect(environment.HOLDPOINT_USER_POOL).toBeUndefined();
  });

  test('only Plan calls models, the configured ones', () => {
    const calling = all.filter(({ actions }) => actions.some((action) => action.startsWith('bedrock:')));
    expect(calling.map((statement) => statement.role)).toEqual([role('plan')]);
    expect(calling[0]?.actions).toEqual(['bedrock:InvokeModel']);
    for (const arn of calling[0]?.resources ?? [])
      expect(arn).toMatch(/\/(global\.)?anthropic\.claude-sonnet-4-5-/);
  });

  test('no model of Bedrock, no right to call one', () => {
    const scripted = statements(synthesise({ models: 'scripted:refund' }).resources);
    expect(
      scripted.flatMap(({ actions }) => actions).filter((action) => action.startsWith('bedrock:')),
    ).toEqual([]);
  });

  test('customers are read by the tools that say so, by Plan for their facts and by Hold for what it shows', () => {
    const readers = ['issue_refund', 'lookup_customer', 'read_notes', 'send_email'].map(
      (tool) => `perform ${tool}`,
    );
    expect(who((r) => may(all, r, 'dynamodb:GetItem', customers))).toEqual(['hold', ...readers, 'plan']);
    const writing = all.filter(({ resources: on, actions }) => on.includes(customers) && actions.length > 1);
    expect(writing).toEqual([]);
  });
});
