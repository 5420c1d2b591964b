import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { CERTIFICATE, synthesise, WEBHOOK_SECRET } from './stack-template.ts';

test.each([
  {},
  { sandboxUrl: undefined },
  { emulator: true, sandboxUrl: undefined },
  { signIn: 'links' },
  { emulator: true, noticeTopic: true },
  { mailFrom: 'holds@example.com', noticeTopic: true, slackWebhook: WEBHOOK_SECRET, eventBus: 'default' },
  { encryption: 'aws', aliases: false },
  { firewall: true, domainName: 'holds.example.com', certificateArn: CERTIFICATE },
  { mfa: 'required', removalPolicy: 'destroy' },
  { models: 'bedrock:amazon.nova-lite-v1:0,bedrock:eu.amazon.nova-pro-v1:0' },
])('AwsSolutions finds nothing that is not acknowledged with its reason: %j', (holdpoint) => {
  expect(() => synthesise(holdpoint)).not.toThrow();
});

test('the rules would stop a synthesis', () => {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new Table(new Stack(app, 'S'), 'T', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
  expect(() => app.synth()).toThrow(/AwsSolutions-DDB3/);
});
