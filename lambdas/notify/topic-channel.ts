import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Channel } from './channels.ts';
import { linesOf, titleOf } from './notice-text.ts';

export interface TopicOptions {
  /** @default the function's own */
  readonly client?: SNSClient;
  readonly topicArn: string;
}

/** SNS refuses longer subjects, and other characters in them. */
const subjectOf = (title: string) => title.replace(/[^\x20-\x7e]/g, '?').slice(0, 99);

/** One message to whoever subscribed, without links: those are personal. */
export const topicChannel = ({ client = new SNSClient({}), topicArn }: TopicOptions): Channel => ({
  name: 'topic',
  send: async (notices, abortSignal) => {
    const Message = linesOf(notices).join('\n');
    const Subject = subjectOf(titleOf(notices));
    await client.send(new PublishCommand({ TopicArn: topicArn, Subject, Message }), { abortSignal });
  },
});
