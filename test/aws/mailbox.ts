import assert from 'node:assert/strict';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { signedCall } from './signed-call.ts';

export const SENDER = 'holds@example.com';

export interface Mail {
  readonly To: readonly string[];
  readonly Subject: string;
  readonly BodyText: string;
  readonly BodyHtml: string;
}

/** Has the emulator's SES know the sender's domain as verified. */
export const verifySender = () =>
  new SESv2Client({}).send(new CreateEmailIdentityCommand({ EmailIdentity: SENDER.split('@')[1] }));

/** Every mail that MiniStack would have sent. */
export async function sentMails(endpoint: string): Promise<readonly Mail[]> {
  const answer = await fetch(`${endpoint}/_ministack/ses/messages`);
  const { messages } = (await answer.json()) as { messages: Readonly<Record<string, Mail[]>> };
  return Object.values(messages).flat();
}

async function sqs<T>(operation: string, input: object): Promise<T> {
  const answer = await signedCall({
    service: 'sqs',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text || '{}') as T;
}

const NAME = 'holdpoint-test';
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] },
      Action: 'sqs:SendMessage',
      Resource: '*',
    },
  ],
};

/** A queue that gets what the topic and the bus are told. */
export class Listener {
  readonly #QueueUrl: string;
  /** As they came: what a subscriber of the topic reads, and events. */
  readonly heard: string[] = [];

  private constructor(QueueUrl: string) {
    this.#QueueUrl = QueueUrl;
  }

  static async subscribe(TopicArn: string): Promise<Listener> {
    const { QueueUrl } = await sqs<{ QueueUrl: string }>('CreateQueue', {
      QueueName: NAME,
      Attributes: { Policy: JSON.stringify(POLICY) },
    });
    const { Attributes } = await sqs<{ Attributes: { QueueArn: string } }>('GetQueueAttributes', {
      QueueUrl,
      AttributeNames: ['QueueArn'],
    });
    const { QueueArn } = Attributes;
    await new SNSClient({}).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QueueArn }));
    const bus = new EventBridgeClient({});
    const EventPattern = JSON.stringify({ source: ['holdpoint'] });
    await bus.send(new PutRuleCommand({ Name: NAME, EventPattern }));
    await bus.send(new PutTargetsCommand({ Rule: NAME, Targets: [{ Id: 'q', Arn: QueueArn }] }));
    return new Listener(QueueUrl);
  }

  async listen(): Promise<readonly string[]> {
    const { Messages = [] } = await sqs<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
      'ReceiveMessage',
      { QueueUrl: this.#QueueUrl, MaxNumberOfMessages: 10 },
    );
    for (const { Body, ReceiptHandle } of Messages) {
      this.heard.push(Body);
      await sqs('DeleteMessage', { QueueUrl: this.#QueueUrl, ReceiptHandle });
    }
    return this.heard;
  }

  async end(): Promise<void> {
    const bus = new EventBridgeClient({});
    await bus.send(new RemoveTargetsCommand({ Rule: NAME, Ids: ['q'] }));
    await bus.send(new DeleteRuleCommand({ Name: NAME }));
    await sqs('DeleteQueue', { QueueUrl: this.#QueueUrl });
  }
}
