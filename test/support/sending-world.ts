import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { RequestFilteringHttpAgent } from 'request-filtering-agent';
import { eventChannel } from '../../lambdas/notify/event-channel.ts';
import { mailChannel } from '../../lambdas/notify/mail-channel.ts';
import { topicChannel } from '../../lambdas/notify/topic-channel.ts';
import { webhookChannel } from '../../lambdas/notify/webhook-channel.ts';

export const SECRET_PATH = '/services/T0/B0/webhook-secret';

export interface Sent {
  readonly channel: 'mail' | 'topic' | 'slack' | 'events';
  /** Everything that went over the wire. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sent is looked into, not typed
  readonly body: any;
}

type Answer = (answer: ServerResponse) => void;

const json =
  (value: object, status = 200): Answer =>
  (answer) =>
    answer.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));

const USUAL: Readonly<Record<Sent['channel'], Answer>> = {
  mail: json({ MessageId: 'm1' }),
  events: json({ FailedEntryCount: 0, Entries: [{ EventId: 'e1' }] }),
  slack: (answer) => answer.end('ok'),
  topic: (answer) =>
    answer.end(
      '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>t1</MessageId></PublishResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></PublishResponse>',
    ),
};

/** A refusal that no client tries again by itself. */
export const refusal: Answer = json({ __type: 'BadRequest', message: 'not to Lena <lena@example.com>' }, 400);
export const unavailable: Answer = json({ message: 'later' }, 503);

/** The other side of every channel, on loopback, and the real clients that talk to it. */
export async function openSendingWorld() {
  const sent: Sent[] = [];
  const answers = new Map<Sent['channel'], Answer>();
  const server = createServer(async (request, answer) => {
    const text = await read(request);
    const channel = channelOf(request);
    const body = channel === 'topic' ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
    sent.push({ channel, text: `${request.url}\n${JSON.stringify(request.headers)}\n${text}`, body });
    (answers.get(channel) ?? USUAL[channel])(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
  };
  const events = new EventBridgeClient(config);
  return {
    sent,
    endpoint,
    eventsClient: events,
    channels: {
      mail: mailChannel({ client: new SESv2Client(config), from: 'holds@example.com' }),
      topic: topicChannel({ client: new SNSClient(config), topicArn: 'arn:aws:sns:eu:1:notices' }),
      slack: webhookChannel({
        url: async () => endpoint + SECRET_PATH,
        hosts: ['127.0.0.1'],
        agent: new RequestFilteringHttpAgent({ allowIPAddressList: ['127.0.0.1'] }) as never,
      }),
      events: eventChannel({ client: events, bus: 'default' }),
    },
    /** What went through one channel, in its order. */
    through: (channel: Sent['channel']) => sent.filter((one) => one.channel === channel),
    /** Has a channel answer otherwise, until it is told to answer as usual again. */
    answer: (channel: Sent['channel'], answer?: Answer) =>
      answer ? answers.set(channel, answer) : answers.delete(channel),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type SendingWorld = Awaited<ReturnType<typeof openSendingWorld>>;

function channelOf({ url = '', headers }: IncomingMessage): Sent['channel'] {
  if (url === '/v2/email/outbound-emails') return 'mail';
  if (headers['x-amz-target'] === 'AWSEvents.PutEvents') return 'events';
  return url === SECRET_PATH ? 'slack' : 'topic';
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
