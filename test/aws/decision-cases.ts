import assert from 'node:assert/strict';
import type { ListedTest } from '../support/listed-tests.ts';
import { openPage, sendForm } from './pages.ts';
import type { World } from './world.ts';

type Case = ListedTest<World>;

const NOBODY = 'nobody signs in here: there is no Cognito, or --links was given';

const statusesOf = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();

/** Before the second deployment: only links, and runs that wait meanwhile. */
export const BY_LINK: readonly Case[] = [
  {
    name: 'the API answers at its URL, and asks whom it does not know for a token',
    run: async (world) => {
      assert.equal((await fetch(`${world.api}/healthz`)).status, 200);
      const refused = await fetch(`${world.api}/runs`);
      assert.equal(refused.status, 401);
      assert.match(refused.headers.get('content-type') ?? '', /application\/problem\+json/);
    },
  },
  {
    name: 'a run waits at its hold, whose page shows what would be done, and GET changes nothing',
    run: async (world) => {
      world.unanswered = await world.startWith('question', {});
      world.heldBefore = await world.startWith('refund', {});
      const [hold] = await world.held(world.heldBefore);
      assert.ok(hold);
      const before = await world.items(world.heldBefore);
      const page = await world.page(hold, 'lena');
      assert.match(page.markup, /120\.00/);
      assert.match(page.markup, /Headphones of order O-5001/);
      assert.doesNotMatch(page.markup, new RegExp(hold.tokens[0] ?? 'token'));
      assert.deepEqual(await world.items(world.heldBefore), before);
    },
  },
  {
    name: 'T8: an altered link, and the link of somebody who may not decide, open nothing',
    run: async (world) => {
      const [hold] = await world.held(world.heldBefore);
      assert.ok(hold);
      const link = await world.link(hold, 'lena');
      const altered = link.slice(0, -1) + (link.endsWith('A') ? 'B' : 'A');
      assert.equal((await openPage(altered)).status, 404);
      assert.equal((await openPage(await world.link(hold, 'frida'))).status, 403);
    },
  },
  {
    name: 'T4: a form without the typed letters, or from elsewhere, decides nothing',
    run: async (world) => {
      const [hold] = await world.held(world.heldBefore);
      assert.ok(hold);
      const page = await world.page(hold, 'lena');
      const without = await sendForm(page, world.origin, { decision: 'approve', challenge: '' });
      assert.equal(without.status, 422);
      const elsewhere = await sendForm(page, 'https://elsewhere.example.com', { decision: 'approve' });
      assert.equal(elsewhere.status, 403);
      assert.equal((await world.run(world.heldBefore)).actions[1]?.holds[0]?.votes.length, 0);
    },
  },
];

export const DECISIONS: readonly Case[] = [
  {
    name: 'a hold that was open during the deployment is approved by its page, and the effect happens once',
    run: async (world) => {
      const [hold] = await world.held(world.heldBefore);
      assert.ok(hold);
      const { status, markup } = await sendForm(await world.page(hold, 'lena'), world.origin, {
        decision: 'approve',
      });
      assert.equal(status, 200, markup);
      assert.equal((await world.ended(world.heldBefore)).status, 'finished');
      const { effects, attempts } = await world.ledger(world.heldBefore);
      assert.deepEqual([effects.length, attempts.length], [1, 1]);
      assert.equal(effects[0]?.args.amountMinor, 12_000);
      await world.settledFor(world.heldBefore);
    },
  },
  {
    name: 'a run that somebody signed in asked for is shown to them, and to nobody else',
    skip: ({ target }) => (target.hasUsers ? undefined : NOBODY),
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const shown = await fetch(`${world.api}/runs/${runId}`, { headers: world.as('ada') });
      assert.equal(shown.status, 200);
      assert.equal(((await shown.json()) as { status: string }).status, 'held');
      const [head, body, signature = ''] = world.user('ada').token.split('.');
      const forged = `${head}.${body}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`;
      const headers = { authorization: `Bearer ${forged}` };
      assert.equal((await fetch(`${world.api}/runs/${runId}`, { headers })).status, 401);
      await sendForm(await world.page(hold, 'lena'), world.origin, { decision: 'reject', comment: 'No' });
      await world.ended(runId);
    },
  },
  {
    name: 'T20: a body without a field that it needs is a problem that names it, by API Gateway or by the function, with the headers of every answer',
    skip: ({ target }) => (target.hasUsers ? undefined : NOBODY),
    run: async (world) => {
      const answer = await fetch(`${world.api}/runs`, {
        method: 'POST',
        headers: world.as('ada'),
        body: JSON.stringify({ input: 'Refund it.' }),
      });
      const problem = (await answer.json()) as { status: number; detail: string };
      assert.deepEqual([answer.status, problem.status], [422, 422]);
      assert.match(problem.detail, /\bagent\b/);
      assert.match(answer.headers.get('content-type') ?? '', /application\/problem\+json/);
      assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    },
  },
  {
    name: 'T11: who asked for a run may not approve it; a lead who signs in may, and the same vote again has the same receipt',
    skip: ({ target }) => (target.hasUsers ? undefined : NOBODY),
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const vote = (who: string) =>
        fetch(`${world.api}/holds/${hold.id}/votes`, {
          method: 'POST',
          headers: world.as(who),
          body: JSON.stringify({ decision: 'approve', digest: hold.digest }),
        });
      assert.equal((await vote('ada')).status, 403);
      const first = await vote('lars');
      const receipt = await first.text();
      assert.equal(first.status, 200, receipt);
      const again = await vote('lars');
      assert.equal(again.status, 200);
      assert.equal(await again.text(), receipt);
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 1);
      await world.settledFor(runId);
    },
  },
  {
    name: 'a rejection is told to the model, and nothing is paid',
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const page = await world.page(hold, 'lena');
      const answer = await sendForm(page, world.origin, { decision: 'reject', comment: 'Not this time' });
      assert.equal(answer.status, 200, answer.markup);
      const run = await world.ended(runId);
      assert.equal(run.actions[1]?.effect?.outcome, 'not performed');
      assert.match(run.answer ?? '', /was not approved/);
      assert.deepEqual(await world.ledger(runId), { effects: [], attempts: [] });
      await world.settledFor(runId);
    },
  },
  {
    name: 'W takes 14 transitions, by the history of its execution, and has two effects',
    run: async (world) => {
      const runId = await world.start('w');
      for (const action of ['0002.00', '0003.00']) {
        const page = await world.page(await world.heldAt(runId, action), 'leo');
        await sendForm(page, world.origin, { decision: 'approve' });
      }
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal((await world.ledger(runId)).effects.length, 2);
      assert.equal((await world.entered(runId)).length, 14);
      await world.settledFor(runId);
    },
  },
  {
    name: 'F7: a form that is sent eight times at once is one vote and one effect',
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const page = await world.page(hold, 'lena');
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => sendForm(page, world.origin, { decision: 'approve' })),
      );
      assert.deepEqual(statusesOf(answers), Array(8).fill(200));
      const run = await world.ended(runId);
      assert.equal(run.actions[1]?.holds[0]?.votes.length, 1);
      const { effects, attempts } = await world.ledger(runId);
      assert.deepEqual([effects.length, attempts.length], [1, 1]);
      await world.settledFor(runId);
    },
  },
  {
    name: 'F8: two people who decide otherwise at the same time settle a hold once, and the run does as was settled',
    run: async (world) => {
      const runId = await world.start('refund');
      const [hold] = await world.held(runId);
      assert.ok(hold);
      const [lena, leo] = await Promise.all([world.page(hold, 'lena'), world.page(hold, 'leo')]);
      const answers = await Promise.all([
        sendForm(lena, world.origin, { decision: 'approve' }),
        sendForm(leo, world.origin, { decision: 'reject', comment: 'No' }),
      ]);
      for (const { status, markup } of answers) assert.ok([200, 409].includes(status), markup);
      const run = await world.ended(runId);
      const settlement = run.actions[1]?.holds[0]?.settlement;
      const effects = (await world.ledger(runId)).effects.length;
      assert.equal(effects, settlement === 'approved' ? 1 : 0, settlement ?? 'open');
      await world.settledFor(runId);
    },
  },
  {
    name: 'several actions of one turn: allowed ones are done while held ones wait, a denied one never is',
    run: async (world) => {
      const runId = await world.start('mixed');
      const holds = await world.held(runId, 2);
      const [first, second] = holds;
      assert.ok(first && second && holds.length === 2);
      await sendForm(await world.page(first, 'lena'), world.origin, { decision: 'approve' });
      await sendForm(await world.page(second, 'leo'), world.origin, { decision: 'reject', comment: 'No' });
      const run = await world.ended(runId);
      const outcomes = run.actions.map(({ effect }) => effect?.outcome);
      assert.equal(outcomes.filter((outcome) => outcome === 'succeeded').length, 3, JSON.stringify(outcomes));
      const { effects } = await world.ledger(runId);
      assert.equal(effects.length, 2);
      await world.settledFor(runId);
    },
  },
];
