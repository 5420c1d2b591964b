import { Grant, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Aws, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import type { PowerFunction } from './function.ts';

export type NotificationsProps = Pick<
  Config,
  'mailFrom' | 'mailIdentity' | 'noticeTopic' | 'slackWebhook' | 'webhookHosts' | 'eventBus' | 'emulator'
>;

/** The configured channels by which functions tell people that they are asked. */
export class Notifications extends Construct {
  /** For whoever wants to subscribe. */
  readonly topic: Topic | undefined;
  readonly #props: NotificationsProps;

  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id);
    this.#props = props;
    if (props.noticeTopic) {
      const masterKey = Alias.fromAliasName(this, 'Key', 'alias/aws/sns');
      this.topic = new Topic(this, 'Topic', { enforceSSL: !props.emulator, masterKey });
      if (props.emulator) {
        const reason = 'An emulator is reached without TLS.';
        Validations.of(this.topic).acknowledge({ id: 'AwsSolutions-SNS3', reason });
      }
    }
  }

  /** Tells a function the channels, and lets it send from the one identity, to the one topic, to the one bus. */
  connect(of: PowerFunction): void {
    const { mailFrom, mailIdentity, slackWebhook, webhookHosts, eventBus } = this.#props;
    const tell = (name: string, value: string) => of.function.addEnvironment(`HOLDPOINT_${name}`, value);
    const grant = (action: string, arn: string, equal?: Readonly<Record<string, string>>) =>
      Grant.addToPrincipal({
        grantee: of,
        actions: [action],
        resourceArns: [arn],
        ...(equal && { conditions: { StringEquals: equal } }),
      });
    if (mailFrom) {
      const identity = mailIdentity ?? mailFrom.slice(mailFrom.indexOf('@') + 1);
      tell('MAIL_FROM', mailFrom);
      grant('ses:SendEmail', own('ses', `identity/${identity}`), { 'ses:FromAddress': mailFrom });
    }
    if (this.topic) {
      tell('TOPIC_ARN', this.topic.topicArn);
      grant('sns:Publish', this.topic.topicArn);
    }
    if (slackWebhook) {
      tell('WEBHOOK_SECRET', slackWebhook);
      tell('WEBHOOK_HOSTS', webhookHosts.join(','));
      grant('secretsmanager:GetSecretValue', slackWebhook);
    }
    if (eventBus) {
      tell('EVENT_BUS', eventBus);
      grantEvents(of, eventBus);
    }
  }
}

const own = (service: string, resource: string) =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

/** Lets somebody put our events on a bus, and no others. */
export const grantEvents = (grantee: { readonly grantPrincipal: IPrincipal }, bus: string): Grant =>
  Grant.addToPrincipal({
    grantee,
    actions: ['events:PutEvents'],
    resourceArns: [own('events', `event-bus/${bus}`)],
    conditions: { StringEquals: { 'events:source': 'holdpoint' } },
  });
