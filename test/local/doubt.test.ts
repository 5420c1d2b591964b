import { afterEach, expect, it } from 'vitest';
import type { Agent } from '../../lambdas/agents/agent.ts';
import { support } from '../../lambdas/agents/support.ts';
import { holdId } from '../../lambdas/journal/keys.ts';
import type { ReadBack } from '../../lambdas/tools/tool.ts';
import { type OversightWorld, openOversightWorld } from '../support/oversight-world.ts';

const DAY = 24 * 3_600_000;
const WIRE = {
  tool: 'send_wire',
  args: {
    customerId: 'C-1006',
    iban: 'DE89370400440532013000',
    amountMinor: 90_000,
    currency: 'EUR',
    reference: 'CANCEL-O-5060',
  },
};

/** The sample agent; its wires are looked up so, or not at all. */
const lookedUp = (found?: ReadBack): Agent => ({
  ...support,
  tools: support.tools.map(({ readBack, ...tool }) => {
    if (tool.name !== 'send_wire') return readBack ? { ...tool, readBack } : tool;
    return found ? { ...tool, readBack: async () => found } : tool;
  }),
});

let world: OversightWorld;
afterEach(() => world.close());

/** A wire that was approved, sent, and never answered; people are asked whether it happened. */
async function inDoubt(agent: Agent) {
  const env: Record<string, string | undefined> = {};
  world = await openOversightWorld({
    agents: [agent],
    around: (around) => ({ ...around, env: Object.assign(env, around.env) }),
  });
  const runId = await world.start([[WIRE]]);
  const [approval] = await world.held(runId);
  env.SANDBOX_FAULT = 'reset';
  await world.vote(approval?.holdId ?? '', 'frida', { decision: 'approve' });
  const [hold] = await world.held(runId);
  delete env.SANDBOX_FAULT;
  const notice = world.notices.find(({ at }) => holdId(at) === hold?.holdId);
  const link = notice?.approvers.find(({ member }) => member.id === 'otto')?.link ?? '';
  return {
    runId,
    id: hold?.holdId ?? '',
    page: async (): Promise<string> => (await world.get(new URL(link).pathname)).json,
  };
}

it('a hold that asks about a doubt shows all that is known of it, and what each answer means', async () => {
  const { runId, id, page } = await inDoubt(lookedUp());
  const { json: hold } = await world.get(`/holds/${id}`);
  const evidence = {
    tries: [
      {
        number: 1,
        at: expect.any(String),
        key: expect.stringMatching(new RegExp(`^${runId}\\.0001\\.00\\.[0-9a-f]{16}$`)),
        deadline: expect.any(String),
        outcome: 'unknown',
        detail: expect.stringMatching(/fetch failed, because of .*(hang up|closed|reset)/i),
        answeredAt: expect.any(String),
      },
    ],
  };
  expect(hold).toMatchObject({ asks: 'doubt', route: 'in-doubt', args: WIRE.args, evidence });
  expect(hold.evidence).not.toHaveProperty('lookedUp');
  expect(hold.choices).toEqual(['it happened', 'it did not happen', 'leave it']);
  expect(hold.decisions).toEqual(['answer', 'delegate']);
  const seconds = (Date.parse(hold.expiresAt) - Date.parse(hold.openedAt)) / 1000;
  expect(Math.round(seconds)).toBe((7 * DAY) / 1000);
  expect(world.alarms).toContainEqual(expect.stringContaining('in doubt'));
  const { json: run } = await world.get(`/runs/${runId}`);
  expect(run.actions[0]).toMatchObject({ effect: { outcome: 'in doubt' }, tries: evidence.tries });
  expect(run.actions[0].holds.at(-1)).toMatchObject({ asks: 'doubt', evidence: hold.evidence });
  const { json: list } = await world.get('/holds');
  expect(list.items).toMatchObject([{ holdId: id, asks: 'doubt' }]);

  const markup = await page();
  for (const text of [
    'Did this happen? ',
    'Wire 900.00 EUR to DE89370400440532013000',
    'What may have been done',
    'What is known of it',
    hold.evidence.tries[0].key,
    'nobody knows what came of it',
    'It was tried, and nobody knows whether it happened.',
    'fetch failed',
    'The downstream was not asked whether it happened',
    'It counts as done, and is not tried again',
    'It is tried once more',
    'the agent is told that it is in doubt',
    'It is left in doubt, and the agent is told so.',
  ])
    expect(markup).toContain(text);
  expect(markup).not.toContain('value="reject"');

  await world.vote(id, 'otto', { decision: 'answer', answer: 'it happened' });
  const ended = await world.ended(runId);
  expect(ended.actions[0]?.effect?.outcome).toBe('succeeded');
  expect(await world.ledger(runId)).toHaveLength(1);
});

it('what the downstream itself could not say is part of it', async () => {
  const why = 'the bank <closed> at five';
  const { id, page } = await inDoubt(lookedUp({ happened: 'unknown', why }));
  const { json: hold } = await world.get(`/holds/${id}`);
  expect(hold.evidence.lookedUp).toEqual({ said: 'unknown', why });
  const markup = await page();
  expect(markup).toContain('The downstream was asked, and could not say whether it happened.');
  expect(markup).toContain('the bank &lt;closed&gt; at five');
});

it('a doubt that nobody resolves in its time is left in doubt, and says so', async () => {
  const { runId, page } = await inDoubt(lookedUp());
  world.clock.ahead += 7 * DAY + 2_000;
  await world.core.reconcile();
  const ended = await world.ended(runId);
  expect(ended.actions[0]?.effect).toMatchObject({ outcome: 'left in doubt' });
  const markup = await page();
  expect(markup).toContain('it is left in doubt.');
  expect(markup).not.toContain('it is not done');
});

it('a doubt is not rejected: it is left in doubt by an answer, and nobody reads that it was not done', async () => {
  const { runId, id, page } = await inDoubt(lookedUp());
  const { status, json } = await world.vote(id, 'lena', { decision: 'reject' });
  const detail = 'a doubt is answered, with one of: it happened, it did not happen, leave it';
  expect([status, json.errors]).toEqual([422, [{ field: 'decision', detail }]]);
  await world.vote(id, 'lena', { decision: 'answer', answer: 'leave it' });
  const ended = await world.ended(runId);
  expect(ended.actions[0]?.effect).toMatchObject({ outcome: 'left in doubt' });
  const markup = await page();
  expect(markup).toContain('>leave it</bdi>');
  expect(markup).not.toContain('it is not done');
});
