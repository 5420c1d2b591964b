import type { Channel } from './channels.ts';
import { linesOf } from './notice-text.ts';
import { type PostOptions, safePost } from './safe-post.ts';

export interface WebhookOptions extends PostOptions {
  /** The address of an incoming webhook of Slack: whoever knows it may post. */
  readonly url: () => Promise<string>;
}

/** Slack takes these for markup: https://docs.slack.dev/messaging/formatting-message-text */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** One message for everyone in a channel of Slack, without links: those are personal. */
export const webhookChannel = ({ url, ...options }: WebhookOptions): Channel => ({
  name: 'slack',
  send: async (notices, signal) => {
    const text = escaped(linesOf(notices).join('\n'));
    await safePost((await url()).trim(), JSON.stringify({ text }), { ...options, signal });
  },
});
