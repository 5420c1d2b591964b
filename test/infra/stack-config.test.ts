import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib/core';
import { describe, expect, test } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { CONFIG_KEYS, readConfig } from '../../lib/config.ts';
import { environmentOf, toolsOf } from '../../lib/tool-access.ts';
import { functions } from './stack-roles.ts';
import { CERTIFICATE, synthesise } from './stack-template.ts';

const config = (context: Record<string, unknown>) => readConfig(new App({ context }).node);

describe('configuration', () => {
  test('needs nothing', () => {
    expect(config({})).toMatchObject({ removalPolicy: 'retain', emulator: false, logRetentionDays: 90 });
  });

  test('the command line is text, and goes before cdk.json', () => {
    const read = config({
      holdpoint: { models: ['bedrock:a'], burst: 5, emulator: false },
      'holdpoint:models': 'scripted:refund, scripted:w',
      'holdpoint:emulator': 'true',
      'holdpoint:approvers': '[{"id":"ada","name":"Ada","groups":["finance"]}]',
      'holdpoint:publicUrl': 'https://holds.example.com/',
    });
    expect(read).toMatchObject({
      models: ['scripted:refund', 'scripted:w'],
      burst: 5,
      emulator: true,
      approvers: [{ id: 'ada', name: 'Ada', groups: ['finance'] }],
      publicUrl: 'https://holds.example.com',
    });
  });

  test.each([
    ['models', ''],
    ['models', 'gpt'],
    ['models', 'anthropic:claude'],
    ['modelBaseUrl', 'ftp://models'],
    ['approvers', '{'],
    ['approvers', [{ id: 'ada' }]],
    ['approvers', [{ id: 'ada', name: 'A'.repeat(3000), groups: ['finance'] }]],
    ['approvers', [{ id: 'ada', name: 'Ada', groups: ['finance'], email: 'ada' }]],
    ['mailFrom', 'holds'],
    ['mailFrom', 'Holds <holds@example.com>'],
    ['mailIdentity', 'not a domain'],
    ['noticeTopic', 'maybe'],
    ['slackWebhook', 'https://hooks.slack.com/services/T0/B0/secret'],
    ['slackWebhook', 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:slack'],
    ['webhookHosts', 'https://hooks.slack.com'],
    ['eventBus', 'arn:aws:events:eu-central-1:123456789012:event-bus/default'],
    ['publicUrl', 'holds.example.com'],
    ['removalPolicy', 'snapshot'],
    ['deletionProtection', 'maybe'],
    ['logRetentionDays', '2'],
    ['requestsPerSecond', '0'],
    ['burst', 'many'],
    ['mfa', 'sometimes'],
    ['emulator', 'yes'],
    ['signIn', 'saml'],
    ['routeLimits', '{"question":0}'],
    ['alarmTopicArn', 'alarms'],
    ['tracing', 'some'],
    ['encryption', 'none'],
    ['aliases', 'perhaps'],
    ['firewall', 'on'],
    ['requestsPerAddress', '9'],
    ['domainName', 'https://holds.example.com'],
    ['certificateArn', 'certificate/a'],
    ['hostedZoneId', 'example.com'],
    ['modles', 'scripted:w'],
  ])('a wrong value fails and names its key: %s=%j', (key, value) => {
    expect(() => config({ [`holdpoint:${key}`]: value })).toThrow(new RegExp(`holdpoint:${key}\\b`));
    expect(() => config({ holdpoint: { [key]: value } })).toThrow(new RegExp(`holdpoint:${key}\\b`));
  });

  test('what goes together is asked for together', () => {
    const domainName = 'holds.example.com';
    expect(() => config({ holdpoint: { domainName } })).toThrow(/holdpoint:certificateArn/);
    expect(() => config({ holdpoint: { certificateArn: CERTIFICATE } })).toThrow(/holdpoint:domainName/);
    expect(() => config({ holdpoint: { hostedZoneId: 'Z1' } })).toThrow(/holdpoint:domainName/);
    expect(config({ holdpoint: { domainName, certificateArn: CERTIFICATE } })).toMatchObject({ domainName });
  });

  test('what code says comes last', () => {
    const { node } = new App({ context: { holdpoint: { burst: 7 } } });
    expect(readConfig(node, { burst: 5, mfa: 'required' })).toMatchObject({ burst: 7, mfa: 'required' });
    expect(() => readConfig(new App().node, { burst: 0 })).toThrow(/holdpoint:burst/);
  });

  test('every key is in the table of docs/deploy.md, and no other', () => {
    const text = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const table = text.slice(text.indexOf('| key |'));
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
    const keys = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, key]) => key),
    );
    expect(keys.sort()).toEqual(CONFIG_KEYS.toSorted());
  });

  test('all that is wrong is said at once', () => {
    expect(() => config({ holdpoint: { burst: 0, mfa: 'no', colour: 'red' } })).toThrow(
      /holdpoint:burst.*holdpoint:mfa.*holdpoint:colour/s,
    );
  });

  test('is what the functions are told', () => {
    const approvers = [{ id: 'ada', name: 'Ada', groups: ['finance'] }];
    const { resources } = synthesise({
      models: 'scripted:w,openai-compatible:m',
      modelBaseUrl: 'http://models.internal/v1',
      approvers,
      publicUrl: 'https://holds.example.com',
      sandboxUrl: 'http://bank.internal',
    });
    const of = (name: string) => functions(resources).get(name)?.environment ?? {};
    expect(of('plan')).toMatchObject({
      HOLDPOINT_MODELS: 'scripted:w,openai-compatible:m',
      HOLDPOINT_MODEL_BASE_URL: 'http://models.internal/v1',
    });
    expect(of('api')).toMatchObject({ HOLDPOINT_MODELS: 'scripted:w,openai-compatible:m' });
    for (const name of ['hold', 'api', 'reconcile'])
      expect(of(name).PUBLIC_URL).toBe('https://holds.example.com');
    for (const name of ['hold', 'api', 'reconcile', 'perform send_wire'])
      expect(JSON.parse(String(of(name).HOLDPOINT_APPROVERS))).toEqual(approvers);
    expect(of('perform send_wire').SANDBOX_URL).toBe('http://bank.internal');
    for (const name of ['plan', 'hold', 'perform lookup_customer'])
      expect(of(name).SANDBOX_URL).toBeUndefined();
  });
});

describe('tools', () => {
  const [tool = expect.fail()] = support.tools;
  const agent = (...tools: (typeof tool)[]) => [{ ...support, tools }];

  test('a deadline that would outlive its function is refused', () => {
    expect(() => toolsOf(agent({ ...tool, replay: 'keyed', timeoutSeconds: 46 }))).toThrow(
      /timeoutSeconds is 46/,
    );
    expect(() => toolsOf(agent({ ...tool, replay: 'safe', timeoutSeconds: 31 }))).toThrow(
      /timeoutSeconds is 31/,
    );
    expect(toolsOf(agent({ ...tool, replay: 'keyed', timeoutSeconds: 45 }))).toHaveLength(1);
  });

  test('two of one name are refused, the same one in two agents is one', () => {
    expect(() => toolsOf(agent(tool, { ...tool }))).toThrow(/there are two of this name/);
    expect(toolsOf([...agent(tool), ...agent(tool)])).toEqual([tool]);
  });

  test('that disagree on a variable are refused', () => {
    const accesses = [{ environment: { TABLE: 'a' } }, undefined, { environment: { TABLE: 'b' } }];
    expect(() => environmentOf(accesses)).toThrow(/TABLE/);
  });
});
