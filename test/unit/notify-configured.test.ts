import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { awsNotifier } from '../../lambdas/notify/aws-notifier.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { untoldBy } from '../../lambdas/notify/untold.ts';
import { openSendingWorld, type SendingWorld } from '../support/sending-world.ts';

const hold = {
  tier: 'high',
  route: 'lead',
  groups: [],
  remindAt: '2026-03-02T21:00:00.000Z',
  expiresAt: '2026-03-03T09:00:00.000Z',
};
const notice = {
  about: 'reminder',
  at: { runId: 'r'.repeat(26), actionId: '0001.00', hold: 0 },
  hold,
  agent: 'support',
  tool: 'issue_refund',
  approvers: [
    { member: { id: 'lena', name: 'Lena', groups: [], email: 'lena@example.com' }, link: 'https://x/h/y' },
  ],
} as unknown as Notice;

const EACH = {
  mail: { HOLDPOINT_MAIL_FROM: 'holds@example.com' },
  topic: { HOLDPOINT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:1:notices' },
  events: { HOLDPOINT_EVENT_BUS: 'default' },
} as const;

let world: SendingWorld;
beforeEach(async () => {
  world = await openSendingWorld();
  vi.stubEnv('AWS_ENDPOINT_URL', world.endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'none');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

test.each(Object.entries(EACH))(
  '%s is used where its variable is set, and no other channel',
  async (name, env) => {
    await awsNotifier(env).send([notice]);
    expect(world.sent.map(({ channel }) => channel)).toEqual([name]);
  },
);

test('all that are configured are used', async () => {
  await awsNotifier({ ...EACH.mail, ...EACH.topic, ...EACH.events }).send([notice]);
  expect(world.sent.map(({ channel }) => channel).sort()).toEqual(['events', 'mail', 'topic']);
});

test('nothing configured tells nobody', async () => {
  await awsNotifier({}).send([notice]);
  expect(world.sent).toEqual([]);
});

test('T21: Slack’s address is what the secret says, and is called at no host but those of the list', async () => {
  const secret = { HOLDPOINT_WEBHOOK_SECRET: 'arn', HOLDPOINT_WEBHOOK_HOSTS: 'hooks.slack.com' };
  world.answer('topic', (answer) => answer.end(JSON.stringify({ SecretString: `${world.endpoint}/inner` })));
  const error = await awsNotifier(secret)
    .send([notice])
    .catch((thrown: unknown) => thrown);
  expect(String(error)).toBe('Untold: slack: the webhook has no address that may be called');
  expect(untoldBy(error)).toEqual(['slack']);
});
