import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';
import { linkFor, openPage, send } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const HOUR = 3_600_000;
const asked = async (who = 'lena', question = {}) => {
  const { holdId, runId } = await world.ask(question);
  const path = await linkFor(world, holdId, who);
  return { holdId, runId, path };
};
const headingOf = (markup: string) => /<h1>([\s\S]*?)<\/h1>/.exec(markup)?.[1]?.replace(/<[^>]*>/g, '') ?? '';
/** Everything of an answer that could tell one from another. */
const bytesOf = async (answer: Response) =>
  `${answer.status}\n${[...answer.headers.entries()].map((h) => h.join(': ')).join('\n')}\n${await answer.text()}`;

describe('a link', () => {
  test('shows the question, takes the decision, and then shows how it ended', async () => {
    const { path, runId, holdId } = await asked();
    const page = await openPage(world, path);
    expect(page.status).toBe(200);
    expect(headingOf(page.markup)).toBe('Refund 120.00 EUR to customer C-1001 for order O-5001');
    const answer = await send(world, page, { decision: 'approve', comment: 'fine\r\nby me' });
    expect(answer.status).toBe(200);
    const markup = await answer.text();
    expect(headingOf(markup)).toBe('Your decision is recorded');
    expect(markup).toContain('It was approved by');
    expect(await world.votesOf(runId)).toMatchObject([{ who: 'lena', via: 'link', comment: 'fine\nby me' }]);
    expect(world.delivered.filter((each) => each.holdId === holdId)).toMatchObject([{ outcome: 'approved' }]);
    const after = await openPage(world, path);
    expect(after.status).toBe(200);
    expect(after.markup).not.toContain('<form');
    expect(after.markup).toContain('It was approved by');
  });

  test('of somebody else tells them how it ended', async () => {
    const { holdId, path } = await asked();
    await world.vote(holdId, 'leo', { decision: 'reject', comment: 'wrong order' });
    const page = await openPage(world, path);
    expect(page.status).toBe(200);
    expect(headingOf(page.markup)).toBe('It has been decided');
    expect(page.markup).toMatch(/It was rejected by .*Leo/);
    expect(page.markup).toContain('wrong order');
  });

  test('T6: opened twenty times by GET and HEAD changes nothing; then the person succeeds', async () => {
    const { path, runId, holdId } = await asked();
    const before = await Promise.all([world.journal.whole(runId), world.rows.get('hold', holdId)]);
    for (let i = 0; i < 20; i++) {
      for (const method of ['GET', 'HEAD']) {
        expect((await world.api.request(`${path}?decision=approve`, { method })).status).toBe(200);
      }
    }
    expect(await Promise.all([world.journal.whole(runId), world.rows.get('hold', holdId)])).toEqual(before);
    const answer = await send(world, await openPage(world, path), { decision: 'approve' });
    expect(answer.status).toBe(200);
  });

  test('T6: a scanner that keeps cookies, fills every field and presses every button decides nothing', async () => {
    const { path, runId } = await asked();
    const page = await openPage(world, path);
    for (const decision of ['approve', 'reject', 'escalate']) {
      for (const filling of ['', 'test', 'a@example.com', '1234', 'on']) {
        const answer = await send(world, page, { decision, challenge: filling, comment: filling });
        expect(answer.status).toBe(422);
      }
    }
    expect(await world.votesOf(runId)).toEqual([]);
    expect((await send(world, page, { decision: 'approve' })).status).toBe(200);
  });

  test('T8: with any single bit flipped answers like an unknown one, byte for byte', async () => {
    const { path } = await asked();
    const unknown = await bytesOf(await world.api.request('/h/unknown'));
    expect(unknown).toMatch(/^404/);
    const link = path.slice('/h/'.length);
    for (let bit = 0; bit < link.length * 8; bit++) {
      const bytes = Buffer.from(link, 'latin1');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const altered = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      // Other than in a browser's address, an encoded dot or slash stays one.
      expect(await bytesOf(await world.api.request(`/h/${altered}`)), `bit ${bit}`).toBe(unknown);
    }
  }, 60_000);

  test('T8: is good one second before its hold expires, and gone after, with the true outcome', async () => {
    const own = await createWorld();
    const { holdId, runId } = await own.ask();
    const path = await linkFor(own, holdId, 'lena');
    own.clock.ms += 24 * HOUR - 1_000;
    const page = await openPage(own, path);
    expect(page.status).toBe(200);
    for (const later of [1_001, 61_000, 24 * HOUR]) {
      own.clock.ms += later;
      const late = await openPage(own, path);
      expect(late.status).toBe(410);
      expect(late.markup).toContain('it went on to the route finance');
      const answer = await send(own, page, { decision: 'approve' });
      expect(answer.status).toBe(410);
      expect(await answer.text()).toContain('it went on to the route finance');
    }
    expect(await own.votesOf(runId)).toEqual([]);
    await own.close();
  });

  test('of a hold that does not exist, or that an unknown key signed, is unknown', async () => {
    const path = await linkFor(world, `${'c'.repeat(26)}.0001.00.0`, 'lena');
    expect((await openPage(world, path)).status).toBe(404);
  });

  test('of someone who may not decide (any more) shows nothing of the question', async () => {
    const { holdId } = await asked();
    for (const who of ['sam', 'olivia', 'frida', 'gone']) {
      const page = await openPage(world, await linkFor(world, holdId, who));
      expect(page.status).toBe(403);
      expect(page.markup).not.toContain('C-1001');
    }
  });
});

describe('the form', () => {
  test('T9: sent fifty times at once is one vote with fifty equal pages; then another decision is refused', async () => {
    const { path, runId } = await asked();
    const page = await openPage(world, path);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send(world, page, { decision: 'approve' })),
    );
    expect(new Set(await Promise.all(answers.map(bytesOf))).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await world.votesOf(runId)).toHaveLength(1);
    const other = await send(world, page, { decision: 'reject' });
    expect(other.status).toBe(409);
    expect(await other.text()).toContain('You had already decided: approve');
  });

  test('after somebody else’s decision is told how that went', async () => {
    const { holdId, path } = await asked();
    const page = await openPage(world, path);
    await world.vote(holdId, 'leo', { decision: 'reject' });
    const answer = await send(world, page, { decision: 'approve' });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toMatch(/It was rejected by .*Leo/);
  });

  test('of an open quorum says that others are still to decide', async () => {
    const { path, holdId } = await asked('frida', { route: 'critical', tier: 'critical' });
    const page = await openPage(world, path);
    expect(page.markup).toContain('2 people, from 2 different groups');
    const markup = await (await send(world, page, { decision: 'approve' })).text();
    expect(markup).toContain('It is still open');
    const other = await openPage(world, await linkFor(world, holdId, 'otto'));
    expect(other.markup).toMatch(/Frida.*approve/);
  });

  test.each(['approve', 'reject', 'escalate'])(
    'at any tier takes the typed letters to %s',
    async (decision) => {
      const { path, runId } = await asked('lena', { tier: 'low' });
      const page = await openPage(world, path);
      for (const challenge of [undefined, '', 'ZZZZ']) {
        const answer = await send(world, page, { decision, challenge, comment: 'kept <text>' });
        expect(answer.status).toBe(422);
        const markup = await answer.text();
        expect(markup).toContain('Nothing was recorded yet');
        expect(markup).toContain('kept &lt;text&gt;');
      }
      expect(await world.votesOf(runId)).toEqual([]);
      expect((await send(world, page, { decision })).status).toBe(200);
    },
  );

  test('that is not one of ours is refused whole', async () => {
    const { path, runId } = await asked();
    const page = await openPage(world, path);
    for (const fields of [
      { decision: 'edit' },
      { decision: 'answer', answer: 'yes' },
      { decision: undefined },
      { decision: 'approve', who: 'leo' },
      { decision: 'approve', args: '{}' },
      { decision: 'approve', comment: 'x'.repeat(2_001) },
    ]) {
      expect((await send(world, page, fields)).status).toBe(422);
    }
    const twice = await world.api.request(path, {
      method: 'POST',
      body: `${new URLSearchParams({ ...page.fields, decision: 'approve' })}&decision=reject`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://localhost',
        cookie: page.cookie,
      },
    });
    expect(twice.status).toBe(422);
    expect((await send(world, page, {}, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await send(world, page, { comment: 'x'.repeat(70_000) })).status).toBe(413);
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test('for another digest is refused', async () => {
    const { path, runId } = await asked();
    const answer = await send(world, await openPage(world, path), {
      decision: 'approve',
      digest: 'd'.repeat(64),
    });
    expect(answer.status).toBe(409);
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test('of a question takes one of its choices, and answers nothing without one', async () => {
    const question = {
      tool: 'ask_human',
      args: { question: 'What now?', choices: ['Refund it', 'Do nothing'] },
      route: 'question',
      tier: 'low' as const,
    };
    const { path, runId } = await asked('lena', question);
    const page = await openPage(world, path);
    expect(page.markup).not.toContain('value="approve"');
    const unanswered = await send(world, page, { decision: 'answer' });
    expect(unanswered.status).toBe(422);
    const markup = await unanswered.text();
    expect(markup).toMatch(/<ul id="errors"><li><a href="#answer">Your answer<\/a>: /);
    expect(markup).toContain('<fieldset id="answer">');
    expect(markup).toMatch(/id="challenge"[^>]* aria-invalid="false"/);
    const unconfirmed = await send(world, page, { decision: 'answer', answer: 'Refund', challenge: 'ZZZZ' });
    expect(await unconfirmed.text()).toMatch(
      /id="challenge"[^>]* aria-invalid="true" aria-describedby="errors"/,
    );
    expect((await send(world, page, { decision: 'answer', answer: 'Both' })).status).toBe(422);
    expect((await send(world, page, { decision: 'answer', answer: 'Do nothing' })).status).toBe(200);
    expect(await world.votesOf(runId)).toMatchObject([{ decision: 'answer', answer: 'Do nothing' }]);
  });
});
