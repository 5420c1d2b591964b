import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdId } from '../../lambdas/journal/keys.ts';
import { throughAll } from '../../lambdas/notify/channels.ts';
import { listedDirectory } from '../../lambdas/oversight/directory.ts';
import { openPage, send } from '../support/link-page.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';
import {
  openSendingWorld,
  refusal,
  SECRET_PATH,
  type SendingWorld,
  type Sent,
} from '../support/sending-world.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const ONE_BY_ONE = 2;
const PEOPLE = [
  { id: 'sam', name: 'Sam', groups: ['support'], email: 'sam@example.com' },
  { id: 'lena', name: 'Lena', groups: ['support-leads'], email: 'lena@example.com' },
  { id: 'leo', name: 'Leo', groups: ['support-leads'], email: 'leo@example.com' },
  { id: 'otto', name: 'Otto', groups: ['operations'] },
];

let sending: SendingWorld;
let world: OversightWorld;
beforeEach(async () => {
  sending = await openSendingWorld();
  world = await openOversightWorld({
    people: PEOPLE,
    notifier: throughAll(Object.values(sending.channels)),
    around: (around) => ({ ...around, directory: listedDirectory(PEOPLE), oneByOne: ONE_BY_ONE }),
  });
});
afterEach(async () => {
  await world.close();
  await sending.close();
});

const rowsOf = async (runId: string, count = 1) => {
  const { rows } = world.core.environment;
  await expect
    .poll(async () => (await rows.list('hold', `${runId}.`)).length, { timeout: 5_000 })
    .toBe(count);
  return rows.list('hold', `${runId}.`);
};
/** How often each channel was used since it was last asked. */
const counts = () => {
  const made: Record<Sent['channel'], number> = { mail: 0, topic: 0, slack: 0, events: 0 };
  for (const { channel } of sending.sent.splice(0)) made[channel] += 1;
  return made;
};
const sentCounts = async (expected: Partial<Record<Sent['channel'], number>>) => {
  await expect
    .poll(() => sending.sent.length, { timeout: 5_000 })
    .toBe(Object.values(expected).reduce((sum, count) => sum + count, 0));
  expect(counts()).toMatchObject(expected);
};
const later = async (ms: number) => {
  world.clock.ahead += ms;
  await world.core.reconcile();
};

describe('a hold that opens', () => {
  it('is mailed to each approver, and to topic and Slack once', async () => {
    await world.start([[refundOf(6_000)]]);
    await sentCounts({ mail: 2, topic: 1, slack: 1, events: 0 });
    await later(40 * SECOND);
    expect(counts()).toEqual({ mail: 0, topic: 0, slack: 0, events: 0 });
  });

  it('is approved by the link of its mail, and done once', async () => {
    const runId = await world.start([[refundOf(6_000)]]);
    await rowsOf(runId);
    await expect.poll(() => sending.through('mail').length, { timeout: 5_000 }).toBe(2);
    const [mail] = sending.through('mail');
    const path = /\/h\/\S+/.exec(mail?.body.Content.Simple.Body.Text.Data)?.[0] ?? '';
    const page = await openPage(world, path);
    expect(page.markup).toContain('60.00');
    expect((await send(world, page, { decision: 'approve' })).status).toBe(200);
    expect((await world.ended(runId)).actions[0]?.effect?.outcome).toBe('succeeded');
    expect(await world.ledger(runId)).toHaveLength(1);
  });
});

describe('F6: a channel that fails', () => {
  it('is tried again alone, ever more seldom, while the others are not repeated', async () => {
    sending.answer('slack', refusal);
    const runId = await world.start([[refundOf(6_000)]]);
    const [row] = await rowsOf(runId);
    await sentCounts({ mail: 2, topic: 1, slack: 1 });
    const { rows } = world.core.environment;
    await expect.poll(async () => (await rows.get('hold', row?.id ?? ''))?.untold).toEqual(['slack']);

    const tries: number[] = [];
    for (let minute = 1; minute <= 60; minute++) {
      await later(60 * SECOND);
      const { slack, ...others } = counts();
      expect(others).toEqual({ mail: 0, topic: 0, events: 0 });
      if (slack > 0) tries.push(minute);
    }
    expect(tries[0]).toBe(1);
    expect(tries.length).toBeGreaterThanOrEqual(4);
    expect(tries.length).toBeLessThanOrEqual(8);
    expect(world.alarms.at(-1)).toBe('people could not be told: of 1 holds: slack: the webhook answered 400');

    sending.answer('slack');
    for (let minute = 1; minute <= 70; minute++) await later(60 * SECOND);
    expect(counts()).toEqual({ mail: 0, topic: 0, slack: 1, events: 0 });
    expect((await rows.get('hold', row?.id ?? ''))?.untold).toBeUndefined();
  });

  it('keeps nobody from being reminded, and the reminder goes through it again', async () => {
    sending.answer('slack', refusal);
    const runId = await world.start([[refundOf(6_000)]]);
    await rowsOf(runId);
    await sentCounts({ mail: 2, topic: 1, slack: 1 });
    await later(12 * HOUR + SECOND);
    expect(counts()).toEqual({ mail: 2, topic: 1, slack: 1, events: 1 });
    sending.answer('slack');
    await later(60 * SECOND);
    const [again] = sending.through('slack');
    expect(counts()).toEqual({ mail: 0, topic: 0, slack: 1, events: 0 });
    expect(again?.body.text).toMatch(/^Still waiting: issue_refund/);
  });

  it('loses no hold where all of them fail', async () => {
    for (const channel of ['mail', 'topic', 'slack'] as const) sending.answer(channel, refusal);
    const runId = await world.start([[refundOf(6_000)]]);
    const [row] = await rowsOf(runId);
    await sentCounts({ mail: 2, topic: 1, slack: 1 });
    const { rows } = world.core.environment;
    await expect
      .poll(async () => (await rows.get('hold', row?.id ?? ''))?.untold)
      .toEqual(['mail', 'topic', 'slack']);
    for (const channel of ['mail', 'topic', 'slack'] as const) sending.answer(channel);
    await later(31 * SECOND);
    expect(counts()).toEqual({ mail: 2, topic: 1, slack: 1, events: 0 });
  });
});

describe('a delegate', () => {
  it('who could not be told at first is told again, with everybody else who may decide', async () => {
    const runId = await world.start([[refundOf(6_000)]]);
    const [row] = await rowsOf(runId);
    await sentCounts({ mail: 2, topic: 1, slack: 1 });
    sending.answer('mail', refusal);
    await world.vote(row?.id ?? '', 'lena', { decision: 'delegate', to: 'leo' });
    const handedOn = sending.through('mail').map(({ body }) => body.Destination.ToAddresses[0]);
    expect(handedOn).toEqual(['leo@example.com']);
    expect(counts()).toEqual({ mail: 1, topic: 1, slack: 1, events: 0 });
    sending.answer('mail');
    await later(31 * SECOND);
    expect(counts()).toEqual({ mail: 2, topic: 0, slack: 0, events: 0 });
  });
});

describe('T5: notices are bundled', () => {
  const flood = (count: number) =>
    world.start([Array.from({ length: count }, (_, n) => refundOf(6_000 + n, { orderId: `O-50${10 + n}` }))]);

  it('up to a number of open questions each is told of at once, and more of them in one mail a pass', async () => {
    const runId = await flood(8);
    await rowsOf(runId, 8);
    await expect
      .poll(async () => (await rowsOf(runId, 8)).filter(({ told }) => told === 'nobody').length, {
        timeout: 5_000,
      })
      .toBe(8);
    expect(counts()).toEqual({ mail: 0, topic: 0, slack: 0, events: 0 });
    await later(SECOND);
    const [mail] = sending.through('mail');
    expect(mail?.body.Content.Simple.Subject.Data).toBe('Holdpoint: 8 actions wait for a decision');
    expect(mail?.body.Content.Simple.Body.Text.Data.match(/\/h\//g)).toHaveLength(8);
    expect(counts()).toEqual({ mail: 2, topic: 1, slack: 1, events: 0 });
    await later(60 * SECOND);
    expect(counts()).toEqual({ mail: 0, topic: 0, slack: 0, events: 0 });
  });

  it('somebody else’s question does not wait behind a flood', async () => {
    await rowsOf(await flood(8), 8);
    expect(counts().mail).toBe(0);
    await world.start([[refundOf(7_000)]], 'otto');
    await expect.poll(() => sending.through('mail').length, { timeout: 5_000 }).toBe(2);
  });

  it('reminders of one pass are one mail for each approver', async () => {
    await rowsOf(await flood(2), 2);
    await expect.poll(() => sending.through('mail').length, { timeout: 5_000 }).toBe(4);
    counts();
    await later(12 * HOUR + SECOND);
    expect(counts()).toMatchObject({ mail: 2, topic: 1, slack: 1, events: 1 });
  });
});

describe('T7, T23, I12: what people are sent', () => {
  it('has no argument, token or secret in it, and a link only where it is its reader’s own', async () => {
    const MARKERS = ['MARKER-reason', '60.66', 'amountMinor'];
    const runId = await world.start([[refundOf(6_066, { reason: 'MARKER-reason', orderId: 'O-5002' })]]);
    const [row] = await rowsOf(runId);
    await expect.poll(() => sending.sent.length, { timeout: 5_000 }).toBe(4);
    await later(12 * HOUR + SECOND);
    await later(10 * HOUR);
    expect(new Set(sending.sent.map(({ channel }) => channel))).toEqual(
      new Set(['mail', 'topic', 'slack', 'events']),
    );
    const { tokens = [], digest = '' } = row ?? {};
    expect(tokens).toHaveLength(1);
    const secrets = [...MARKERS, ...tokens, 'C-1001', 'O-5002', digest, 'Sent back'];
    for (const { channel, text } of sending.sent) {
      for (const secret of secrets) expect(text, `${channel} has ${secret}`).not.toContain(secret);
      expect(/\/h\/|eyJ/.test(text.replace(/^.*\n.*\n/, '')), channel).toBe(channel === 'mail');
      if (channel !== 'slack') expect(text).not.toContain(SECRET_PATH);
    }
    const links = sending.through('mail').flatMap(({ body }) => {
      const parts = Object.values(body.Content.Simple.Body) as { Data: string }[];
      return [...new Set(parts.flatMap(({ Data }) => Data.match(/\/h\/[\w.-]+/g) ?? []))].map((path) => ({
        who: body.Destination.ToAddresses[0].split('@')[0],
        path,
      }));
    });
    const opener = await world.core.environment.links();
    for (const { who, path } of links) {
      const opened = await opener.open(path.slice('/h/'.length));
      expect(opened).toMatchObject({ as: 'valid', who });
      expect(opened.as === 'valid' && holdId(opened.at)).toBe(row?.id);
    }
    expect(links.length).toBeGreaterThanOrEqual(6);
    for (const { body } of sending.through('mail')) {
      const { Data: subject } = body.Content.Simple.Subject;
      expect(subject).toMatch(/^(Decision needed|Still waiting|About to expire): issue_refund \(\w+\)$/);
    }
  });
});
