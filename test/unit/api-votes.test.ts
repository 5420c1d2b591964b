import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { voteKey } from '../../lambdas/journal/keys.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { createWorld, REFUND, type World } from '../support/api-world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const digestOf = async (holdId: string, who = 'lena') =>
  ((await (await world.get(`/holds/${holdId}`, who)).json()) as { digest: string }).digest;
const post = (holdId: string, who: string, ballot: object) =>
  world.post(`/holds/${holdId}/votes`, who, ballot);

describe('a vote', () => {
  test('is recorded, settles the hold, and is delivered', async () => {
    const { holdId, runId } = await world.ask();
    const answer = await world.vote(holdId, 'lena', { decision: 'approve', comment: 'fine' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      holdId,
      runId,
      actionId: '0001.00',
      who: 'lena',
      decision: 'approve',
      digest: expect.any(String),
      at: new Date(world.clock.ms).toISOString(),
      receipt: expect.any(String),
      status: 'approved',
    });
    expect(world.delivered.filter((each) => each.holdId === holdId)).toMatchObject([{ outcome: 'approved' }]);
    expect(await world.votesOf(runId)).toMatchObject([{ who: 'lena', via: 'token', comment: 'fine' }]);
  });

  test('T9: fifty at once are one vote with fifty equal receipts; then another decision is refused', async () => {
    const { holdId, runId } = await world.ask();
    const ballot = { decision: 'approve', digest: await digestOf(holdId) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(holdId, 'lena', ballot)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(await world.votesOf(runId)).toHaveLength(1);
    const other = await post(holdId, 'lena', { ...ballot, decision: 'reject' });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ settlement: 'approved', vote: { decision: 'approve' } });
    expect(await world.votesOf(runId)).toHaveLength(1);
  });

  test('T11: of who asked for the run is refused, recorded nowhere but in the report', async () => {
    for (const requester of ['sam', 'leo']) {
      const { holdId, runId } = await world.ask({ requester });
      const answer = await post(holdId, requester, { decision: 'approve', digest: await digestOf(holdId) });
      expect(answer.status).toBe(403);
      expect(await world.votesOf(runId)).toEqual([]);
      expect(world.reports.at(-1)).toMatchObject({ where: { holdId, who: requester } });
    }
  });

  test('of one person does not make a quorum of two, however often it is cast', async () => {
    const { holdId, runId } = await world.ask({ route: 'critical', tier: 'critical' });
    const first = await (await world.vote(holdId, 'frida', { decision: 'approve' })).json();
    const ballot = first as { challenge?: string };
    expect(ballot).toMatchObject({ status: 'open' });
    const again = await post(holdId, 'frida', {
      decision: 'approve',
      digest: await digestOf(holdId, 'frida'),
    });
    expect(await again.json()).toEqual(first);
    expect(await world.votesOf(runId)).toHaveLength(1);
    const second = await world.vote(holdId, 'otto', { decision: 'approve' });
    expect(await second.json()).toMatchObject({ status: 'approved' });
  });

  test('for another digest is refused with the right one, and changes nothing', async () => {
    const { holdId, runId } = await world.ask();
    const answer = await post(holdId, 'lena', { decision: 'approve', digest: 'd'.repeat(64) });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      digest: await digestOf(holdId),
      errors: [{ field: 'digest' }],
    });
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test('after somebody else’s gets the true outcome', async () => {
    const { holdId } = await world.ask();
    await world.vote(holdId, 'lena', { decision: 'reject', comment: 'no' });
    const answer = await world.vote(holdId, 'leo', { decision: 'approve' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({
      settlement: 'rejected',
      votes: [{ who: 'lena', decision: 'reject' }],
    });
  });

  test('F12: after the expiry gets 410 and the true outcome', async () => {
    const own = await createWorld();
    const { holdId, runId } = await own.ask();
    const { digest } = (await (await own.get(`/holds/${holdId}`, 'lena')).json()) as { digest: string };
    own.clock.ms += 24 * 3_600_000 + 1;
    const answer = await own.post(`/holds/${holdId}/votes`, 'lena', { decision: 'approve', digest });
    expect(answer.status).toBe(410);
    expect(await answer.json()).toMatchObject({ settlement: 'escalated' });
    expect(await own.votesOf(runId)).toEqual([]);
    await own.close();
  });

  test('that another’s rejection overtook keeps its receipt, and gives no grant', async () => {
    const { holdId, runId } = await world.ask();
    const digest = await digestOf(holdId);
    // Recorded, and its answer lost before anything was settled.
    const vote = {
      kind: 'vote' as const,
      who: 'lena',
      decision: 'approve' as const,
      digest,
      via: 'token' as const,
    };
    await world.journal.put(runId, voteKey('0001.00', 0, 'lena'), { ...vote, groups: ['support-leads'] }, []);
    await world.vote(holdId, 'leo', { decision: 'reject' });
    const grant = { uses: 2, until: new Date(world.clock.ms + 3_600_000).toISOString() };
    const again = await post(holdId, 'lena', { decision: 'approve', digest, grant });
    const receipt = (await again.json()) as JsonObject;
    expect([again.status, receipt.status, receipt.grantId]).toEqual([200, 'rejected', undefined]);
    expect(await (await world.get('/grants', 'lena')).json()).toEqual({ items: [] });
  });

  test('T22: names nobody: whoever the body claims to be, it is refused whole', async () => {
    const { holdId, runId } = await world.ask();
    const digest = await digestOf(holdId);
    for (const claim of [{ who: 'leo' }, { user: 'leo' }, { via: 'link' }, { groups: ['finance'] }]) {
      const answer = await post(holdId, 'lena', { decision: 'approve', digest, ...claim });
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: Object.keys(claim)[0] }] });
    }
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test.each([
    ['to', { decision: 'delegate' }],
    ['to', { decision: 'delegate', to: 'nobody' }],
    ['decision', { decision: 'answer', answer: 'yes' }],
    ['digest', { decision: 'approve', digest: 7 }],
    ['args', { decision: 'edit' }],
    ['args', { decision: 'edit', args: REFUND }],
    ['args', { decision: 'approve', args: { ...REFUND, amountMinor: 1 } }],
    ['comment', { decision: 'approve', comment: 'x'.repeat(2_001) }],
    ['comment', { decision: 'approve', comment: '\udc00' }],
    ['to', { decision: 'approve', to: 'leo' }],
    ['grant.until', { decision: 'approve', grant: { until: 'tomorrow', uses: 1 } }],
  ] as [string, object][])('that cannot be one is refused whole, naming %s', async (field, ballot) => {
    const { holdId, runId } = await world.ask();
    const answer = await post(holdId, 'lena', { digest: await digestOf(holdId), ...ballot });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
    expect(await world.votesOf(runId)).toEqual([]);
  });

  test('to pass on is refused where the route has no next level', async () => {
    const { holdId } = await world.ask({ route: 'question' });
    const answer = await post(holdId, 'lena', { decision: 'escalate', digest: await digestOf(holdId) });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'decision' }] });
  });
});

describe('an edit', () => {
  test('settles the hold with the new arguments, and approves nothing', async () => {
    const { holdId, runId } = await world.ask();
    const args = { ...REFUND, amountMinor: 6_000 };
    const answer = await world.vote(holdId, 'lena', { decision: 'edit', args });
    expect(await answer.json()).toMatchObject({ status: 'edited' });
    const run = (await (await world.get(`/runs/${runId}`, 'sam')).json()) as { actions: JsonObject[] };
    expect(run.actions[0]).toMatchObject({ args: REFUND, editedArgs: args });
    expect(await (await world.get(`/holds/${holdId}`, 'lena')).json()).toMatchObject({
      args: REFUND,
      status: 'edited',
    });
  });

  test.each([
    ['args.amountMinor', { ...REFUND, amountMinor: 12.5 }],
    ['args.customerId', { ...REFUND, customerId: 'С-1001' }],
    ['args.extra', { ...REFUND, extra: 1 }],
    ['args', { ...REFUND, reason: 'NUL \0' }],
    ['args', { ...REFUND, reason: 'lone \ud800' }],
  ])('that does not fit the tool is refused whole, naming %s', async (field, args) => {
    const { holdId, runId } = await world.ask();
    const answer = await world.vote(holdId, 'lena', { decision: 'edit', args });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
    expect(await world.votesOf(runId)).toEqual([]);
  });
});

describe('T4: from tier high up', () => {
  test.each(['high', 'critical'] as const)('a decision at %s takes the typed challenge', async (tier) => {
    const { holdId, runId } = await world.ask({ tier });
    const shown = (await (await world.get(`/holds/${holdId}`, 'lena')).json()) as {
      digest: string;
      challenge: string;
    };
    const ballot = { decision: 'approve', digest: shown.digest };
    const foreign = (await (await world.get(`/holds/${holdId}`, 'leo')).json()) as { challenge: string };
    expect(foreign.challenge).not.toBe(shown.challenge);
    for (const challenge of [undefined, '', 'ZZZZ', foreign.challenge]) {
      const answer = await post(holdId, 'lena', { ...ballot, challenge });
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({ errors: [{ field: 'challenge' }] });
    }
    expect(await world.votesOf(runId)).toEqual([]);
    const typed = ` ${shown.challenge.toLowerCase()} `;
    expect((await post(holdId, 'lena', { ...ballot, challenge: typed })).status).toBe(200);
    // The same vote again is the same vote, typed or not.
    expect((await post(holdId, 'lena', ballot)).status).toBe(200);
  });

  test('who looked at something else is told so first, not asked for letters', async () => {
    const { holdId } = await world.ask({ tier: 'high' });
    const answer = await post(holdId, 'lena', { decision: 'approve', digest: 'd'.repeat(64) });
    expect(answer.status).toBe(409);
  });

  test('below it none is shown and none is asked', async () => {
    const { holdId } = await world.ask({ tier: 'medium' });
    expect(await (await world.get(`/holds/${holdId}`, 'lena')).json()).not.toHaveProperty('challenge');
  });
});

test('an answer is one of the choices, and comes back with the hold', async () => {
  const args = { question: 'What now?', choices: ['Refund', 'Nothing'] };
  const { holdId } = await world.ask({ tool: 'ask_human', args, route: 'question', tier: 'low' });
  const wrong = await world.vote(holdId, 'lena', { decision: 'answer', answer: 'Everything' });
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({ errors: [{ field: 'answer' }] });
  const right = await world.vote(holdId, 'lena', { decision: 'answer', answer: 'Nothing' });
  expect(await right.json()).toMatchObject({ status: 'answered' });
  expect(await (await world.get(`/holds/${holdId}`, 'lena')).json()).toMatchObject({
    status: 'answered',
    answer: 'Nothing',
  });
});
