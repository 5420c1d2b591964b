import { describe, expect, test } from 'vitest';
import { functions, may, statements } from './stack-roles.ts';
import { ofType, plain, type Resources, synthesise, WEBHOOK_SECRET } from './stack-template.ts';

const NOTIFYING = ['api', 'hold', 'reconcile'];
const ALL = {
  mailFrom: 'holds@mail.example.com',
  noticeTopic: true,
  slackWebhook: WEBHOOK_SECRET,
  eventBus: 'ours',
};
const configured = synthesise(ALL).resources;
const unconfigured = synthesise().resources;

const statementsOf = (resources: Resources) =>
  ofType(resources, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
    (Properties.PolicyDocument.Statement as Record<string, unknown>[]).map((statement) => ({
      role: plain(Properties.Roles[0]),
      action: statement.Action as string,
      on: plain(statement.Resource),
      condition: statement.Condition,
    })),
  );
const rolesOf = (names: readonly string[]) =>
  names.map((name) => functions(configured).get(name)?.role ?? expect.fail(name)).sort();
/** Every statement that allows an action, and whom. */
const allowing = (action: string) => {
  const found = statementsOf(configured).filter((statement) => [statement.action].flat().includes(action));
  const { role: _, ...rest } = found[0] ?? expect.fail(`nobody may ${action}`);
  for (const { role, ...other } of found) expect(other, role).toEqual(rest);
  return { roles: found.map(({ role }) => role).sort(), ...rest };
};
const SENDING = /^(ses|sns|events):/;
const pseudo = 'arn:AWS::Partition:SERVICE:AWS::Region:AWS::AccountId:';
const own = (service: string) => pseudo.replace('SERVICE', service);

describe('what notifies', () => {
  test('mails from the one address of the one identity', () => {
    expect(allowing('ses:SendEmail')).toEqual({
      roles: rolesOf(NOTIFYING),
      action: 'ses:SendEmail',
      on: `${own('ses')}identity/mail.example.com`,
      condition: { StringEquals: { 'ses:FromAddress': 'holds@mail.example.com' } },
    });
  });

  test('mails from the identity that is named, where that is not the sender’s domain', () => {
    const { resources } = synthesise({ mailFrom: 'a@b.example.com', mailIdentity: 'example.com' });
    const on = statementsOf(resources).flatMap(({ action, on }) => (action === 'ses:SendEmail' ? on : []));
    expect(new Set(on)).toEqual(new Set([`${own('ses')}identity/example.com`]));
  });

  test('publishes to the one topic, which is encrypted and takes nothing over plain HTTP', () => {
    const [[topic, { Properties }] = expect.fail()] = ofType(configured, 'AWS::SNS::Topic');
    expect(allowing('sns:Publish')).toMatchObject({ roles: rolesOf(NOTIFYING), on: topic });
    expect(plain(Properties.KmsMasterKeyId)).toContain('alias/aws/sns');
    const [[, policy] = expect.fail()] = ofType(configured, 'AWS::SNS::TopicPolicy');
    expect(policy.Properties.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  test('reads the one secret with Slack’s address, which no environment and no template has', () => {
    const all = statements(configured);
    const readers = [...functions(configured)].filter(([, { role }]) =>
      may(all, role, 'secretsmanager:GetSecretValue', WEBHOOK_SECRET),
    );
    expect(readers.map(([name]) => name).sort()).toEqual(NOTIFYING);
    for (const [name, { environment }] of functions(configured))
      expect(environment.HOLDPOINT_WEBHOOK_SECRET, name).toBe(
        NOTIFYING.includes(name) ? WEBHOOK_SECRET : undefined,
      );
    expect(JSON.stringify(configured)).not.toContain('https://hooks.slack.com');
  });

  test('T21: is told the only hosts that a webhook may have', () => {
    const { environment } = functions(configured).get('hold') ?? expect.fail();
    expect(environment.HOLDPOINT_WEBHOOK_HOSTS).toBe('hooks.slack.com');
  });

  test('puts our events on the one bus, and so does what follows the journal', () => {
    expect(allowing('events:PutEvents')).toEqual({
      roles: rolesOf([...NOTIFYING, 'events']),
      action: 'events:PutEvents',
      on: `${own('events')}event-bus/ours`,
      condition: { StringEquals: { 'events:source': 'holdpoint' } },
    });
  });

  test('is nobody else: no role that plans or performs may send anything', () => {
    const sending = statementsOf(configured).filter(({ action }) =>
      [action].flat().some((a) => SENDING.test(a)),
    );
    expect(new Set(sending.map(({ role }) => role))).toEqual(new Set(rolesOf([...NOTIFYING, 'events'])));
  });
});

describe('what follows the journal', () => {
  const { id, role } = functions(configured).get('events') ?? expect.fail();
  const [[, journal] = expect.fail()] = ofType(configured, 'AWS::DynamoDB::Table').filter(([name]) =>
    name.startsWith('HoldpointStoreJournal'),
  );

  test('is given every new record of it, and tries again what failed', () => {
    expect(journal.Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' });
    const [[, mapping] = expect.fail(), ...more] = ofType(configured, 'AWS::Lambda::EventSourceMapping');
    expect(more).toEqual([]);
    expect(mapping.Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
    });
    expect(mapping.Properties.MaximumRetryAttempts).toBeUndefined();
    expect(plain(mapping.Properties.FunctionName)).toBe(id);
    expect(plain(mapping.Properties.EventSourceArn)).toMatch(/^HoldpointStoreJournal.*\.StreamArn$/);
  });

  test('T12: may read the stream and put events, and nothing else', () => {
    const actions = statementsOf(configured).flatMap((statement) =>
      statement.role === role ? [statement.action].flat() : [],
    );
    expect(actions.filter((action) => !action.startsWith('logs:')).sort()).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'events:PutEvents',
      // What is in the stream is encrypted with the table's key.
      'kms:Decrypt',
      'kms:DescribeKey',
    ]);
  });
});

test('nothing that is not configured is there: no topic, no stream, no right to send', () => {
  expect(ofType(unconfigured, 'AWS::SNS::Topic')).toEqual([]);
  expect(ofType(unconfigured, 'AWS::Lambda::EventSourceMapping')).toEqual([]);
  for (const [, { Properties }] of ofType(unconfigured, 'AWS::DynamoDB::Table'))
    expect(Properties.StreamSpecification).toBeUndefined();
  expect(
    statementsOf(unconfigured).filter(({ action }) => [action].flat().some((a) => SENDING.test(a))),
  ).toEqual([]);
  for (const [, { environment }] of functions(unconfigured))
    expect(Object.keys(environment)).not.toContainEqual(
      expect.stringMatching(/MAIL|TOPIC|WEBHOOK|EVENT_BUS/),
    );
});
