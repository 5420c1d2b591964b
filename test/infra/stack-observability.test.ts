import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRICS, NAMESPACE } from '../../lambdas/observe/metrics.ts';
import { THRESHOLDS } from '../../lib/alarms.ts';
import { functions, only } from './stack-roles.ts';
import { ofType, plain, synthesise } from './stack-template.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const { resources } = synthesise({ alarmTopicArn: TOPIC });
const alarms = ofType(resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const alarmsOf = (namespace: string) => alarms.filter(({ Namespace }) => Namespace === namespace);
const SERVICE = { Name: 'service', Value: 'Sample/Holdpoint' };

/** Names of our metrics that a dashboard draws, each with its dimension. */
function drawn(): [string, string][] {
  const [[, page] = expect.fail()] = ofType(resources, 'AWS::CloudWatch::Dashboard');
  const body = plain(page.Properties.DashboardBody);
  return [...body.matchAll(/\["Holdpoint","(\w+)","service","([^"]+)"/g)].map(([, name = '', of = '']) => [
    name,
    of,
  ]);
}

test('every metric of ours is on the dashboard, and nothing else is drawn in its name', () => {
  expect(new Set(drawn().map(([name]) => name))).toEqual(new Set(Object.keys(METRICS)));
  expect(new Set(drawn().map(([, service]) => service))).toEqual(new Set([SERVICE.Value]));
});

test('the documentation has every metric, and says nothing of others', () => {
  const [, table = ''] =
    /\| metric \| unit \|.*\n([\s\S]*?)\n\n/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
  const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(Object.keys(METRICS).sort());
});

test('functions write their metrics where dashboard and alarms look for them', () => {
  for (const { environment } of functions(resources).values())
    expect(environment.POWERTOOLS_SERVICE_NAME).toBe(SERVICE.Value);
  for (const { Dimensions } of alarmsOf(NAMESPACE)) expect(Dimensions).toEqual([SERVICE]);
});

test('each alarm on a metric of ours is on one that there is, in its unit, with its threshold', () => {
  const named = alarmsOf(NAMESPACE).map(({ MetricName }) => MetricName);
  expect(named.sort()).toEqual([...Object.keys(THRESHOLDS), 'ReconcilerRuns'].sort());
  for (const { MetricName, Unit } of alarmsOf(NAMESPACE))
    expect(Unit, MetricName).toBe(METRICS[MetricName as keyof typeof METRICS].unit);
  for (const name of ['OldestHold', 'OpenDoubts', 'PolicyErrors', 'ReconcilerLag'] as const)
    expect(alarms).toContainEqual(
      expect.objectContaining({ MetricName: name, Threshold: THRESHOLDS[name]?.atLeast }),
    );
});

test('a reconciler that does not run is an alarm, and so is everything else that is missing not', () => {
  const missing = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
  expect(missing).toMatchObject([
    { MetricName: 'ReconcilerRuns', TreatMissingData: 'breaching', ComparisonOperator: 'LessThanThreshold' },
  ]);
});

test('failed executions, dead letters, and errors and throttles of every function are alarms', () => {
  expect(alarmsOf('AWS/States')).toMatchObject([{ MetricName: 'ExecutionsFailed' }]);
  expect(alarmsOf('AWS/SQS')).toMatchObject([{ MetricName: 'ApproximateNumberOfMessagesVisible' }]);
  const ids = [...functions(resources).values()].map(({ id }) => id).sort();
  for (const metric of ['Errors', 'Throttles']) {
    const of = alarmsOf('AWS/Lambda').filter(({ MetricName }) => MetricName === metric);
    expect(of.map(({ Dimensions }) => plain(Dimensions[0].Value)).sort()).toEqual(ids);
  }
});

test('every alarm says what it means, is sent to the topic that is configured, and nowhere where none is', () => {
  for (const { AlarmDescription, AlarmActions, OKActions } of alarms) {
    expect(AlarmDescription).toMatch(/^.{30,}$/);
    expect([AlarmActions, OKActions]).toEqual([[TOPIC], [TOPIC]]);
  }
  const quiet = ofType(synthesise().resources, 'AWS::CloudWatch::Alarm');
  expect(quiet).toHaveLength(alarms.length);
  for (const [, { Properties }] of quiet) expect(Properties.AlarmActions).toBeUndefined();
});

test('a call of the reconciler is made once, and what becomes of none goes to the dead letters', () => {
  const queue = only(resources, 'AWS::SQS::Queue');
  const [[, rule] = expect.fail()] = ofType(resources, 'AWS::Events::Rule');
  const [target] = rule.Properties.Targets;
  expect(target).toMatchObject({ RetryPolicy: { MaximumRetryAttempts: 0 } });
  expect(plain(target.DeadLetterConfig.Arn)).toBe(`${queue}.Arn`);
  const [[, invoke] = expect.fail()] = ofType(resources, 'AWS::Lambda::EventInvokeConfig');
  expect(plain(invoke.Properties.FunctionName)).toBe(functions(resources).get('reconcile')?.id);
  expect(invoke.Properties.MaximumRetryAttempts).toBe(0);
  expect(plain(invoke.Properties.DestinationConfig.OnFailure.Destination)).toBe(`${queue}.Arn`);
});

test('an emulator is not asked for a dashboard, nor for composite alarms', () => {
  const { resources: on } = synthesise({ emulator: true });
  expect(ofType(on, 'AWS::CloudWatch::Dashboard')).toEqual([]);
  expect(ofType({ ...on, ...resources }, 'AWS::CloudWatch::CompositeAlarm')).toEqual([]);
});
