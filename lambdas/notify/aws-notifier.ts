import { type Channel, throughAll } from './channels.ts';
import type { Notifier } from './notify.ts';

/** The channels that are configured. */
export function awsNotifier(env: Readonly<Record<string, string | undefined>> = process.env): Notifier {
  const { HOLDPOINT_MAIL_FROM: from, HOLDPOINT_TOPIC_ARN: topicArn, HOLDPOINT_EVENT_BUS: bus } = env;
  const { HOLDPOINT_WEBHOOK_SECRET: secret, HOLDPOINT_WEBHOOK_HOSTS: hosts = '' } = env;
  const channels: Channel[] = [];
  if (from) {
    channels.push(loaded('mail', async () => (await import('./mail-channel.ts')).mailChannel({ from })));
  }
  if (topicArn) {
    channels.push(
      loaded('topic', async () => (await import('./topic-channel.ts')).topicChannel({ topicArn })),
    );
  }
  if (secret) {
    // Read for each message, which are few: a new address counts at once.
    const options = {
      url: async () => (await import('../aws-secret.ts')).readSecret(secret),
      hosts: hosts.split(','),
    };
    channels.push(
      loaded('slack', async () => (await import('./webhook-channel.ts')).webhookChannel(options)),
    );
  }
  if (bus) {
    channels.push(loaded('events', async () => (await import('./event-channel.ts')).eventChannel({ bus })));
  }
  return throughAll(channels);
}

/** Loads a channel when it is first used: each client takes its part of a cold start. */
function loaded(name: Channel['name'], load: () => Promise<Channel>): Channel {
  let channel: Promise<Channel> | undefined;
  return {
    name,
    send: async (notices, signal) => {
      channel ??= load();
      await (await channel).send(notices, signal);
    },
  };
}
