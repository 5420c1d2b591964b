import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counted } from '../support/counted.ts';
import { type OversightWorld, openOversightWorld, refundOf } from '../support/oversight-world.ts';

const HOUR_MS = 3_600_000;
const AMOUNT = 6_000;

let world: OversightWorld;
let people: { id: string; groups: readonly string[] }[];
let afterRuling: (() => Promise<void>) | undefined;
beforeAll(async () => {
  world = await openOversightWorld({
    around: (around) => ({
      ...around,
      dynamodb: counted(around.dynamodb, async (what) => {
        if (what.endsWith('turn#0001') && what.startsWith('PutItem')) await afterRuling?.();
      }),
      directory: {
        find: async (id) => {
          const found = people.find((member) => member.id === id);
          return found && { ...found, name: found.id };
        },
        members: async () => [],
      },
    }),
  });
  people = world.core.people.members.map(({ id, groups }) => ({ id, groups }));
});
afterAll(() => world.close());

const soon = (ms = HOUR_MS) => new Date(Date.now() + world.clock.ahead + ms).toISOString();
const terms = (changes: object = {}) => ({
  agent: 'support',
  tool: 'issue_refund',
  limits: { amountMinor: { max: AMOUNT } },
  until: soon(),
  uses: 5,
  reason: 'the lamp recall',
  ...changes,
});
/** Each test has a customer of its own, so that no day's sum of one disturbs another. */
let customer = 2_000;
const newCustomer = () => `C-${++customer}`;
const give = async (changes: object = {}, who = 'lena') => {
  const { status, json } = await world.send('POST', '/grants', who, terms(changes));
  expect(status, JSON.stringify(json)).toBe(201);
  return json.grantId as string;
};
const forCustomer = (customerId: string) => ({
  limits: { amountMinor: { max: AMOUNT }, customerId: { in: [customerId] } },
});
const ask = (customerId: string, amount = AMOUNT, who = 'sam') =>
  world.start([[refundOf(amount, { customerId })]], who);
const usesLeft = async (grantId: string) => {
  const { json } = await world.get('/grants');
  return json.items.find((grant: { grantId: string }) => grant.grantId === grantId)?.usesLeft;
};

describe('a standing grant', () => {
  it('lets within its limits happen what would have been held, and is named in the ruling', async () => {
    const customerId = newCustomer();
    const id = await give(forCustomer(customerId));
    const run = await world.ended(await ask(customerId));
    const [action] = run.actions;
    expect(action?.ruling).toMatchObject({
      decision: 'allow',
      grant: id,
      policies: ['refund-medium-granted'],
    });
    expect(action?.ruling.reason).toContain(`grant ${id} of lena`);
    expect(action?.effect?.outcome).toBe('succeeded');
    expect(await usesLeft(id)).toBe(4);
  });

  it.each([
    ['a larger amount', AMOUNT + 1, {}],
    ['another customer', AMOUNT, { limits: { amountMinor: { max: AMOUNT }, customerId: { in: ['C-1'] } } }],
    ['another run', AMOUNT, { runId: 'a'.repeat(26) }],
  ])('does not cover %s', async (_, amount, changes) => {
    const customerId = newCustomer();
    const id = await give({ ...forCustomer(customerId), ...changes });
    const runId = await ask(customerId, amount);
    const [hold] = await world.held(runId);
    expect(hold?.route).toBe('support-lead');
    expect(await usesLeft(id)).toBe(5);
  });

  it('covers nothing once it has expired', async () => {
    const customerId = newCustomer();
    await give({ ...forCustomer(customerId), until: soon(1_000) });
    world.clock.ahead += 2_000;
    await world.held(await ask(customerId));
  });

  it('covers what its giver could have approved alone, and nothing else', async () => {
    // Frida decides on large refunds, Lena on smaller ones; neither grant lends the other's authority.
    const customerId = newCustomer();
    await give({ ...forCustomer(customerId), limits: { amountMinor: { max: 100_000 } } }, 'frida');
    await world.held(await ask(customerId));
  });

  it('of the one who asks for the run covers nothing: four-eyes', async () => {
    const customerId = newCustomer();
    await give(forCustomer(customerId), 'lena');
    await world.held(await ask(customerId, AMOUNT, 'lena'));
  });

  it('covers nothing in a run that strangers have written to (T32)', async () => {
    await give({ limits: { amountMinor: { max: AMOUNT } } });
    const runId = await world.start([
      [{ tool: 'read_notes', args: { customerId: 'C-1005' } }],
      [refundOf(AMOUNT, { customerId: 'C-1005', orderId: 'O-5050' })],
    ]);
    await world.held(runId);
    const { json } = await world.get('/grants');
    for (const { grantId, limits } of json.items) {
      if (Object.keys(limits).length === 1) await world.send('DELETE', `/grants/${grantId}`, 'otto');
    }
  });

  it('is used as often as it says, also by many at once', async () => {
    const customerId = newCustomer();
    const id = await give({ ...forCustomer(customerId), limits: { amountMinor: { max: 5_000 } }, uses: 3 });
    const runs = await Promise.all(Array.from({ length: 8 }, () => ask(newCustomer(), 5_000)));
    const all = await Promise.all(
      runs.map((runId) =>
        world.until(runId, (run) => run.endedAt !== undefined || (run.actions[0]?.holds.length ?? 0) > 0),
      ),
    );
    expect(all.filter(({ endedAt }) => endedAt !== undefined)).toHaveLength(3);
    expect(await usesLeft(id)).toBe(0);
    await world.send('DELETE', `/grants/${id}`, 'lena');
  });
});

describe('between the ruling and the effect', () => {
  /** Changes something once the first turn has been ruled on, before it is written. */
  const meanwhile = (change: () => unknown) => {
    afterRuling = async () => {
      afterRuling = undefined;
      await change();
    };
  };

  it('a grant that was revoked is asked about', async () => {
    const customerId = newCustomer();
    const id = await give(forCustomer(customerId));
    meanwhile(async () => {
      expect((await world.send('DELETE', `/grants/${id}`, 'lena')).status).toBe(204);
    });
    const runId = await ask(customerId);
    const [hold] = await world.held(runId);
    expect(hold?.why).toContain('it has been revoked');
    expect(await world.ledger(runId)).toEqual([]);
  });

  it('a grant whose giver may no longer decide is asked about', async () => {
    const customerId = newCustomer();
    const id = await give(forCustomer(customerId));
    const before = people;
    meanwhile(() => {
      people = people.map((member) => (member.id === 'lena' ? { ...member, groups: ['support'] } : member));
    });
    const runId = await ask(customerId);
    const [hold] = await world.held(runId);
    people = before;
    expect(hold?.why).toContain('its giver does not decide alone on support-lead');
    expect(await usesLeft(id)).toBe(5);
  });
});

describe('giving and revoking', () => {
  it.each([
    ['limits.amountMinor', { limits: {} }],
    ['limits.amountMinor', { limits: { amountMinor: { in: ['5'] } } }],
    ['limits.reason', { limits: { amountMinor: { max: 1 }, reason: { in: ['x'] } } }],
    ['limits.amount', { limits: { amountMinor: { max: 1 }, amount: { max: 1 } } }],
    ['tool', { tool: 'delete_record' }],
    ['tool', { tool: 'nothing' }],
    ['agent', { agent: 'nobody' }],
    ['until', { until: '2020-01-01T00:00:00Z' }],
    ['until', { until: '2999-01-01T00:00:00Z' }],
    ['uses', { uses: 0 }],
    ['runId', { runId: 'no run' }],
    ['limits.choices', { tool: 'ask_human', limits: {} }],
  ])('terms with a wrong %s are refused', async (field, changes) => {
    const { status, json } = await world.send('POST', '/grants', 'lena', terms(changes));
    expect([status, json.errors?.[0]?.field]).toEqual([422, field]);
  });

  it.each([{ max: 1.5 }, { max: '10' }, { in: [7] }, {}, { max: 1, in: ['EUR'] }])(
    'a limit of %j is refused, saying what a limit is',
    async (amountMinor) => {
      const { status, json } = await world.send(
        'POST',
        '/grants',
        'lena',
        terms({ limits: { amountMinor } }),
      );
      expect([status, json.errors]).toEqual([
        422,
        [{ field: 'limits.amountMinor', detail: expect.stringMatching(/^a limit is \{"max": /) }],
      ]);
    },
  );

  it('with an Idempotency-Key is one grant, however often it is asked for', async () => {
    const key = { 'idempotency-key': 'recall-17' };
    const wish = terms(forCustomer(newCustomer()));
    const asked = await Promise.all([1, 2, 3].map(() => world.send('POST', '/grants', 'lena', wish, key)));
    const [first] = asked;
    expect(asked.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(asked.map(({ json }) => json.grantId)).size).toBe(1);
    for (const other of [
      { ...wish, uses: 6 },
      { ...wish, reason: 'more' },
      { ...wish, runId: 'a'.repeat(26) },
    ]) {
      const { status, json } = await world.send('POST', '/grants', 'lena', other, key);
      expect([status, json.errors?.[0]?.field]).toEqual([422, 'Idempotency-Key']);
    }
    const others = await world.send('POST', '/grants', 'olivia', wish, key);
    expect(others.json.grantId).not.toBe(first?.json.grantId);

    expect((await world.send('DELETE', `/grants/${first?.json.grantId}`, 'lena')).status).toBe(204);
    await world.send('POST', '/grants', 'lena', wish, key);
    expect(await usesLeft(first?.json.grantId)).toBeUndefined();
  });

  it('whoever decides nowhere alone gives none, and nobody revokes what others decide on', async () => {
    people = people.map((member) => (member.id === 'felix' ? { ...member, groups: [] } : member));
    expect((await world.send('POST', '/grants', 'felix', terms())).status).toBe(403);
    const id = await give({ limits: { amountMinor: { max: 1 } } });
    expect((await world.send('DELETE', `/grants/${id}`, 'frida')).status).toBe(404);
    expect((await world.send('DELETE', `/grants/${id}`, 'olivia')).status).toBe(204);
    expect((await world.send('DELETE', `/grants/${id}`, 'olivia')).status).toBe(404);
  });

  it('with an approval: more of exactly that kind, once however often the vote is sent', async () => {
    const customerId = newCustomer();
    const runId = await ask(customerId);
    const [hold] = await world.held(runId);
    const holdId = hold?.holdId ?? '';
    const ballot = { decision: 'approve', grant: { uses: 2, until: soon() } };
    const { status, json } = await world.vote(holdId, 'lena', ballot);
    expect(status).toBe(200);
    const again = await world.vote(holdId, 'lena', ballot);
    expect(again.json.grantId).toBe(json.grantId);
    const other = await world.vote(holdId, 'lena', { ...ballot, grant: { ...ballot.grant, uses: 1 } });
    expect([other.status, other.json.grantId]).toEqual([409, json.grantId]);
    await world.ended(runId);

    const { json: listed } = await world.get('/grants');
    const grant = listed.items.find(({ grantId }: { grantId: string }) => grantId === json.grantId);
    expect(grant.limits).toEqual({
      customerId: { in: [customerId] },
      orderId: { in: ['O-5001'] },
      amountMinor: { max: AMOUNT },
      currency: { in: ['EUR'] },
    });
    const next = await world.ended(await ask(customerId));
    expect(next.actions[0]?.ruling).toMatchObject({ decision: 'allow', grant: json.grantId });
  });

  it('with a rejection, or where two must decide, none is given and nothing is voted', async () => {
    const customerId = newCustomer();
    const runId = await ask(customerId);
    const [hold] = await world.held(runId);
    const grant = { uses: 2, until: soon() };
    const refused = await world.vote(hold?.holdId ?? '', 'lena', { decision: 'reject', grant });
    expect([refused.status, refused.json.errors[0].field]).toEqual([422, 'grant']);

    const critical = await world.start([
      [{ tool: 'delete_record', args: { table: 'orders', id: 'O-5001' } }],
    ]);
    const [two] = await world.held(critical);
    const alone = await world.vote(two?.holdId ?? '', 'frida', { decision: 'approve', grant });
    expect([alone.status, alone.json.errors[0].field]).toEqual([422, 'grant']);
    expect((await world.get(`/holds/${two?.holdId}`)).json.votes).toEqual([]);
  });
});
