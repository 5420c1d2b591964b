import assert from 'node:assert/strict';
import type { ListedTest } from '../support/listed-tests.ts';
import { until } from '../support/listed-tests.ts';
import { Listener, type Mail, sentMails } from './mailbox.ts';
import { openPage, sendForm } from './pages.ts';
import { approverOf, type World } from './world.ts';

type Case = ListedTest<World>;

/** Which emulators have SES v2, and a way to look into what was mailed. */
const skip = ({ target }: World) =>
  target.kind === 'MiniStack' ? undefined : 'only MiniStack has SES v2, and shows what was mailed';

const LINK = /https:\S+\/h\/\S+/;

/** The mail about a hold to one person. */
const mailTo = (world: World, who: string, holdId: string): Promise<Mail> =>
  until(`${who} has mail about ${holdId}`, async () => {
    const mails = await sentMails(world.target.endpoint ?? '');
    return mails.find(({ To, BodyText }) => To[0] === `${who}@example.com` && BodyText.includes(holdId));
  });

let listener: Listener | undefined;

export const NOTICES: readonly Case[] = [
  {
    name: 'approve by mail: an approver opens the link of their mail and approves, and the effect happens once',
    skip,
    run: async (world) => {
      listener = await Listener.subscribe(world.deployed.outputs.NoticeTopicArn ?? '');
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const who = approverOf(hold);
      const { Subject, BodyText, BodyHtml } = await mailTo(world, who, hold.id);
      assert.match(Subject, /^Decision needed: issue_refund \(\w+\)$/);
      const link = LINK.exec(BodyText)?.[0] ?? '';
      assert.ok(BodyHtml.includes(link));
      assert.ok(link.startsWith(world.deployed.outputs.ApiUrl), link);
      const page = await openPage(world.reach(link));
      assert.equal(page.status, 200, page.markup);
      const { status, markup } = await sendForm(page, world.origin, { decision: 'approve' });
      assert.equal(status, 200, markup);
      const run = await world.ended(runId);
      assert.equal(run.actions[1]?.holds[0]?.votes[0]?.who, who);
      assert.equal((await world.ledger(runId)).effects.length, 1);
      await world.settledFor(runId);
    },
  },
  {
    name: 'T7, I12: mails have no token and no argument, and each has its reader’s link alone',
    skip,
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      await mailTo(world, approverOf(hold), hold.id);
      const mails = await sentMails(world.target.endpoint ?? '');
      assert.ok(mails.length > 0);
      for (const { To, Subject, BodyText, BodyHtml } of mails) {
        const text = [Subject, BodyText, BodyHtml].join('\n');
        for (const secret of [...hold.tokens, 'C-1001', 'O-5001', '120.00', 'Headphones'])
          assert.ok(!text.includes(secret), secret);
        const links = await world.environment.links();
        const opened = await links.open(LINK.exec(BodyText)?.[0].split('/h/')[1] ?? '');
        assert.ok(opened.as !== 'unknown');
        assert.equal(`${opened.who}@example.com`, To[0]);
      }
      const page = await world.page(hold);
      await sendForm(page, world.origin, { decision: 'reject', comment: 'No' });
      await world.ended(runId);
    },
  },
  {
    name: 'the topic has a message for each notice, and the bus an event for each record, without links, tokens or arguments',
    skip,
    run: async () => {
      assert.ok(listener, 'nobody listens');
      const ear = listener;
      const kinds = ['Run started', 'Hold opened', 'Hold settled', 'Action ended', 'Run ended'];
      const heard = await until('topic and bus were heard', async () => {
        const all = await ear.listen();
        const told = (text: string) => all.some((message) => message.includes(text));
        return [...kinds, 'Decision needed: issue_refund'].every(told) && all;
      });
      for (const message of heard)
        for (const secret of ['/h/', 'C-1001', 'O-5001', 'Headphones', 'a-token'])
          assert.ok(!message.includes(secret), message);
      await ear.end();
    },
  },
];
