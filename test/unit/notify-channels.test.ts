import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Channel, throughAll } from '../../lambdas/notify/channels.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { untoldBy } from '../../lambdas/notify/untold.ts';
import { openSendingWorld, refusal, SECRET_PATH, type SendingWorld } from '../support/sending-world.ts';

const RUN = 'abcdefghijkmnpqrstuvwxyz23';
const hold = {
  tier: 'high',
  route: 'support-lead',
  level: 0,
  asks: 'approval',
  groups: ['support-leads'],
  why: 'WHY-WRITTEN-BY-SOMEBODY',
  remindAt: '2026-03-02T21:00:00.000Z',
  warnAt: '2026-03-03T06:36:00.000Z',
  expiresAt: '2026-03-03T09:00:00.000Z',
} as unknown as Notice['hold'];
const lena = { id: 'lena', name: 'Lena', groups: ['support-leads'], email: 'lena@example.com' };
const leo = { id: 'leo', name: 'Leo <b>&"', groups: ['support-leads'], email: 'leo@example.com' };
const noAddress = { id: 'nora', name: 'Nora', groups: ['support-leads'] };

const notice = (number: number, more: Partial<Notice> = {}): Notice => ({
  about: 'opened',
  at: { runId: RUN, actionId: `0001.0${number}`, hold: 0 },
  hold,
  agent: 'support',
  tool: 'issue_refund',
  approvers: [lena, leo, noAddress].map((member) => ({
    member,
    link: `https://holds.example.com/h/link-of-${member.id}-${number}`,
  })),
  ...more,
});

let world: SendingWorld;
beforeEach(async () => {
  world = await openSendingWorld();
});
afterEach(async () => {
  await world.close();
  // Policies quote arguments in it, and so do those who ask again.
  for (const { text } of world.sent) expect(text).not.toContain(hold.why);
});

const all = () => Object.values(world.channels);
const mails = () =>
  world.through('mail').map(({ body }) => ({
    from: body.FromEmailAddress as string,
    to: body.Destination.ToAddresses as string[],
    subject: body.Content.Simple.Subject.Data as string,
    text: body.Content.Simple.Body.Text.Data as string,
    html: body.Content.Simple.Body.Html.Data as string,
  }));

describe('mail', () => {
  test('goes to each approver who has an address, with their own link and nobody else’s', async () => {
    await throughAll([world.channels.mail]).send([notice(1)]);
    expect(mails().map(({ to }) => to)).toEqual([['lena@example.com'], ['leo@example.com']]);
    for (const [index, who] of ['lena', 'leo'].entries()) {
      const { from, subject, text, html } = mails()[index] ?? expect.fail();
      expect(from).toBe('holds@example.com');
      expect(subject).toBe('Decision needed: issue_refund (high)');
      for (const part of [text, html]) {
        expect(part.match(/link-of-\w+-\d/g)).toEqual([`link-of-${who}-1`]);
        expect(part).toContain(`${RUN}.0001.01.0`);
        expect(part).toContain('2026-03-03 09:00 UTC');
      }
    }
  });

  test('T15: values are text in its HTML part, and the link is not sent over a tracker', async () => {
    await throughAll([world.channels.mail]).send([notice(1, { tool: '<img src=x onerror=alert(1)>' })]);
    const { text, html } = mails()[1] ?? expect.fail();
    expect(text).toContain('Hello Leo <b>&",');
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(html).not.toMatch(/<img|<b>|<script|<style/);
    expect(html).toContain('Hello Leo &lt;b&gt;&amp;&quot;');
    expect(html).toContain('<a ses:no-track href="https://holds.example.com/h/link-of-leo-1">');
  });

  test('T5: is one for each approver, however many holds there are', async () => {
    const many = Array.from({ length: 60 }, (_, number) => notice(number));
    await throughAll([world.channels.mail]).send(many);
    expect(mails()).toHaveLength(2);
    expect(mails()[0]?.subject).toBe('Holdpoint: 60 actions wait for a decision');
    expect(mails()[0]?.text.match(/link-of-lena-\d+/g)).toHaveLength(60);
    expect(mails()[0]?.text).not.toContain('link-of-leo');
  });

  test('that reaches nobody has failed, and says of how many holds', async () => {
    const nobody = notice(2, { approvers: [{ member: noAddress, link: 'https://x/h/y' }] });
    const telling = throughAll([world.channels.mail]).send([notice(1), nobody]);
    await expect(telling).rejects.toThrow('mail: nobody who may decide on 1 of the holds has an address');
    expect(mails()).toHaveLength(2);
  });
});

test('topic and Slack have one message for everybody, of ids and facts, with markup as text', async () => {
  await throughAll([world.channels.topic, world.channels.slack]).send([notice(1, { tool: '<!channel>' })]);
  const [topic, slack] = [world.through('topic')[0]?.body, world.through('slack')[0]?.body];
  expect(topic).toMatchObject({ Action: 'Publish', TopicArn: 'arn:aws:sns:eu:1:notices' });
  expect(topic.Subject).toBe('Decision needed: <!channel> (high)');
  expect(topic.Message).toBe(
    `Decision needed: <!channel>, proposed by the agent support; tier high, route support-lead, until 2026-03-03 09:00 UTC; hold ${RUN}.0001.01.0`,
  );
  expect(slack.text).toBe(topic.Message.replace('<!channel>', '&lt;!channel&gt;'));
  expect(Object.keys(slack)).toEqual(['text']);
});

test('T5: topic and Slack name fifty holds of a bundle, and say how many more there are', async () => {
  const many = Array.from({ length: 60 }, (_, number) => notice(number));
  await throughAll([world.channels.topic, world.channels.slack]).send(many);
  expect(world.sent).toHaveLength(2);
  const lines: string[] = world.through('topic')[0]?.body.Message.split('\n');
  expect([lines.length, lines.at(-1)]).toEqual([51, 'and 10 more']);
});

test('the bus is told of reminders and warnings; openings and delegations are in the journal’s stream', async () => {
  const kinds = ['opened', 'reminder', 'warning', 'delegated'] as const;
  await throughAll([world.channels.events]).send(kinds.map((about, n) => notice(n, { about })));
  const entries = world.through('events')[0]?.body.Entries;
  expect(entries.map((entry: { DetailType: string }) => entry.DetailType)).toEqual([
    'Hold reminded',
    'Hold warned',
  ]);
  expect(JSON.parse(entries[0].Detail)).toMatchObject({
    id: `${RUN}.0001.01.0/reminder`,
    at: hold.remindAt,
    holdId: `${RUN}.0001.01.0`,
  });
});

describe('a channel that fails', () => {
  test.each(['mail', 'topic', 'slack', 'events'] as const)(
    '%s: stops no other, and is named',
    async (name) => {
      world.answer(name, refusal);
      const error = await throughAll(all())
        .send([notice(1), notice(2, { about: 'reminder' })])
        .catch((thrown: unknown) => thrown);
      expect(untoldBy(error)).toEqual([name]);
      expect(new Set(world.sent.map(({ channel }) => channel))).toEqual(
        new Set(['mail', 'topic', 'slack', 'events']),
      );
    },
  );

  test('is described without what it quotes, and Slack’s without its address', async () => {
    world.answer('mail', refusal);
    world.answer('slack', refusal);
    const error = await throughAll(all())
      .send([notice(1)])
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toBe('Untold: mail: BadRequest; slack: the webhook answered 400');
    expect(String(error)).not.toContain(SECRET_PATH);
  });

  test('is tried again alone', async () => {
    await throughAll(all()).send([notice(1, { through: ['topic'] })]);
    expect(world.sent.map(({ channel }) => channel)).toEqual(['topic']);
  });

  test('by never answering, is given up in time', async () => {
    world.answer('mail', () => {});
    world.answer('slack', () => {});
    const began = Date.now();
    const error = await throughAll(all(), 200)
      .send([notice(1)])
      .catch((thrown: unknown) => thrown);
    expect(untoldBy(error)).toEqual(['mail', 'slack']);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(world.through('topic')).toHaveLength(1);
  });

  test('in part: an event that the bus did not take', async () => {
    world.answer('events', (answer) =>
      answer.end(JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] })),
    );
    const error = await throughAll(all())
      .send([notice(1, { about: 'warning' })])
      .catch((thrown: unknown) => thrown);
    expect(untoldBy(error)).toEqual(['events']);
  });

  test('is all of them, where nobody says which', () => {
    expect(untoldBy(new Error('no keys'))).toBe('all');
  });
});

test('without channels nobody is told, and nothing fails', async () => {
  const none: Channel[] = [];
  await throughAll(none).send([notice(1)]);
});
