import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routes } from '../../lambdas/oversight/routes.ts';
import { ofType, plain, type Resources, synthesise } from './stack-template.ts';

const { resources } = synthesise();

test('T7: Step Functions logs every event, and no execution data, which has task tokens in it', () => {
  const machines = ofType(resources, 'AWS::StepFunctions::StateMachine');
  expect(machines).toHaveLength(1);
  for (const [, { Properties }] of machines) {
    expect(Properties.LoggingConfiguration).toMatchObject({ IncludeExecutionData: false, Level: 'ALL' });
    expect(Properties.LoggingConfiguration.Destinations).toHaveLength(1);
  }
});

test('T7: API Gateway traces nothing and logs no request: paths carry links', () => {
  const stages = ofType(resources, 'AWS::ApiGateway::Stage');
  expect(stages).toHaveLength(1);
  for (const [, { Properties }] of stages) {
    expect(Properties.TracingEnabled).not.toBe(true);
    expect(Properties.MethodSettings).toHaveLength(1);
    for (const settings of Properties.MethodSettings) {
      expect(settings).toMatchObject({ HttpMethod: '*', ResourcePath: '/*', DataTraceEnabled: false });
      expect(settings.LoggingLevel).toBe('OFF');
    }
  }
});

test('T7: the access log has route templates, and neither path, query, header nor body', () => {
  const [[, stage] = expect.fail()] = ofType(resources, 'AWS::ApiGateway::Stage');
  const format: Record<string, string> = JSON.parse(stage.Properties.AccessLogSetting.Format);
  expect(format.route).toBe('$context.resourcePath');
  const harmless = ['requestId', 'requestTime', 'httpMethod', 'resourcePath', 'status'];
  const logged = Object.values(format).map((value) => value.replace(/^\$context\./, ''));
  const lengths = ['responseLength', 'responseLatency'];
  expect([...harmless, ...lengths]).toEqual(expect.arrayContaining(logged));
  const templates = ofType(resources, 'AWS::ApiGateway::Resource').map(
    ([, { Properties }]) => Properties.PathPart,
  );
  expect(new Set(templates)).toEqual(new Set(['{proxy+}', 'runs', 'holds', '{holdId}', 'votes']));
});

const tracedIn = (of: Resources) => ({
  functions: ofType(of, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.TracingConfig?.Mode),
  machines: ofType(of, 'AWS::StepFunctions::StateMachine').map(
    ([, { Properties }]) => Properties.TracingConfiguration?.Enabled ?? false,
  ),
});

test('T7: functions and state machine are traced by the services, which see no path and no payload, or not at all', () => {
  const traced = tracedIn(resources);
  expect(new Set(traced.functions)).toEqual(new Set(['Active']));
  expect(traced.machines).toEqual([true]);
  for (const off of [{ tracing: false }, { emulator: true, sandboxUrl: undefined }]) {
    const { functions, machines } = tracedIn(synthesise(off).resources);
    expect(new Set(functions)).toEqual(new Set([undefined]));
    expect(machines).toEqual([false]);
  }
});

test('T7: nothing of ours adds to a trace: the X-Ray SDK, which records addresses, is not even installed', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect(Object.keys(packages).filter((name) => /aws-xray-sdk|powertools\/tracer/.test(name))).toEqual([]);
});

test('no environment holds a secret: the keys of links are named, and generated', () => {
  const [[id, secret] = expect.fail()] = ofType(resources, 'AWS::SecretsManager::Secret');
  expect(secret.Properties.SecretString).toBeUndefined();
  expect(secret.Properties.GenerateSecretString).toMatchObject({ PasswordLength: 64 });
  for (const [, { Properties }] of ofType(resources, 'AWS::Lambda::Function')) {
    const { LINK_KEYS_SECRET: named } = Properties.Environment.Variables;
    expect([undefined, id]).toContain(named === undefined ? undefined : plain(named));
    expect(JSON.stringify(Properties.Environment)).not.toContain('{{resolve:');
  }
});

test('requests are throttled', () => {
  const [[, stage] = expect.fail()] = ofType(
    synthesise({ requestsPerSecond: 7, burst: 9 }).resources,
    'AWS::ApiGateway::Stage',
  );
  expect(stage.Properties.MethodSettings[0]).toMatchObject({
    ThrottlingRateLimit: 7,
    ThrottlingBurstLimit: 9,
  });
});

test('nobody signs up by themselves, and every group of a route can be joined', () => {
  const [[, pool] = expect.fail()] = ofType(resources, 'AWS::Cognito::UserPool');
  expect(pool.Properties.AdminCreateUserConfig).toEqual({ AllowAdminCreateUserOnly: true });
  const groups = ofType(resources, 'AWS::Cognito::UserPoolGroup').map(([, of]) => of.Properties.GroupName);
  const asked = Object.values(routes).flatMap((route) => route.groups);
  expect(groups.sort()).toEqual([...new Set(asked)].sort());
});
