import { beforeEach, describe, expect, test } from 'vitest';
import { voteKey } from '../../lambdas/journal/keys.ts';
import type { Ballot } from '../../lambdas/oversight/vote.ts';
import { OWNER, PEOPLE, REQUESTER, ROUTES } from '../model/sample.ts';
import { ACTION, createSetting, RUN_ID, type Setting } from './perform-setting.ts';

let its: Setting;
beforeEach(async () => {
  its = createSetting();
  await its.propose();
  await its.open();
});

const votes = async () =>
  (await its.deps.journal.list(RUN_ID, 'oversight', `act#${ACTION}#hold#0#vote#`)).map(({ body }) => body);
const outcome = async () => (await its.branch()).holds[0]?.settled?.body.outcome;

describe('a vote', () => {
  interface Row {
    readonly says: string;
    readonly who?: string;
    readonly decision?: Ballot['decision'];
    readonly more?: Partial<Ballot> & { readonly hold?: number };
    /** What comes before it. */
    readonly after?: () => Promise<unknown> | unknown;
    readonly cast: object;
    /** How many votes stand then, and how the hold is settled. */
    readonly votes: number;
    readonly outcome?: string;
  }

  const ROWS: readonly Row[] = [
    {
      says: 'that suffices is counted, and settles',
      cast: { as: 'counted', vote: { body: { who: 'ann', groups: ['leads'] } } },
      votes: 1,
      outcome: 'approved',
    },
    {
      says: 'on a hold that is not there is of no hold',
      more: { hold: 7 },
      cast: { as: 'unknown hold' },
      votes: 0,
    },
    {
      says: 'T11: of who asked for the run is forbidden',
      who: REQUESTER,
      cast: { as: 'forbidden', why: expect.stringContaining('four-eyes') },
      votes: 0,
    },
    {
      says: 'T11: of the owner of the agent is forbidden',
      who: OWNER,
      cast: { as: 'forbidden', why: expect.stringContaining('four-eyes') },
      votes: 0,
    },
    {
      says: 'T11: of a rejection too',
      who: REQUESTER,
      decision: 'reject',
      cast: { as: 'forbidden' },
      votes: 0,
    },
    {
      says: 'of another group is forbidden',
      who: 'cas',
      cast: { as: 'forbidden', why: expect.stringContaining('leads') },
      votes: 0,
    },
    {
      says: 'of a stranger is forbidden',
      who: 'mallory',
      cast: { as: 'forbidden', why: 'not in the approver directory' },
      votes: 0,
    },
    {
      says: 'I4: for another digest says which one is asked about',
      more: { digest: 'other' },
      cast: { as: 'other digest', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      votes: 0,
    },
    {
      says: 'at the expiry is counted',
      after: () => {
        its.clock.ms += 100_000;
      },
      cast: { as: 'counted' },
      votes: 1,
      outcome: 'approved',
    },
    {
      says: 'I6: past the expiry is expired, and the hold goes on to its next route',
      after: () => {
        its.clock.ms += 100_001;
      },
      cast: {
        as: 'expired',
        settled: { body: { outcome: 'escalated', next: { hold: 1, route: 'strict' } } },
      },
      votes: 0,
      outcome: 'escalated',
    },
    {
      says: 'F12: that comes after the expiry was recorded gets the true outcome',
      after: async () => {
        its.clock.ms += 101_000;
        await its.expire();
      },
      more: { hold: 0 },
      cast: { as: 'expired', settled: { body: { outcome: 'escalated' } } },
      votes: 0,
      outcome: 'escalated',
    },
    {
      says: 'T9: cast again gets its receipt again',
      after: () => its.vote('ann'),
      cast: { as: 'counted', settled: { body: { outcome: 'approved' } } },
      votes: 1,
      outcome: 'approved',
    },
    {
      says: 'T9: of another mind than before is refused, and names the first',
      after: () => its.vote('ann'),
      decision: 'reject',
      cast: { as: 'voted otherwise', vote: { body: { decision: 'approve' } } },
      votes: 1,
      outcome: 'approved',
    },
    {
      says: 'F8: that comes after the settlement gets the true outcome',
      after: () => its.vote('bob', 'reject'),
      cast: { as: 'settled otherwise', settled: { body: { outcome: 'rejected' } } },
      votes: 1,
      outcome: 'rejected',
    },
    {
      says: 'F8: that follows an equal one of another gets the true outcome',
      after: () => its.vote('bob'),
      cast: { as: 'settled otherwise', settled: { body: { outcome: 'approved' } } },
      votes: 1,
      outcome: 'approved',
    },
    {
      says: 'that answers an approval is unfit',
      decision: 'answer',
      more: { answer: 'yes' },
      cast: { as: 'unfit', field: 'decision' },
      votes: 0,
    },
    {
      says: 'that edits without arguments is unfit',
      decision: 'edit',
      cast: { as: 'unfit', field: 'args' },
      votes: 0,
    },
    {
      says: 'I4: that approves other arguments than were shown is unfit',
      more: { args: { amount: 5 } },
      cast: { as: 'unfit', field: 'args' },
      votes: 0,
    },
    {
      says: 'that approves and answers is unfit',
      more: { answer: 'only half of it' },
      cast: { as: 'unfit', field: 'answer' },
      votes: 0,
    },
    {
      says: 'that edits settles, and approves nothing',
      decision: 'edit',
      more: { args: { amount: 5 } },
      cast: { as: 'counted', settled: { body: { outcome: 'edited', args: { amount: 5 } } } },
      votes: 1,
      outcome: 'edited',
    },
    {
      says: 'that escalates passes it on',
      decision: 'escalate',
      cast: {
        as: 'counted',
        settled: { body: { outcome: 'escalated', next: { hold: 1, route: 'strict' } } },
      },
      votes: 1,
      outcome: 'escalated',
    },
    {
      says: 'that rejects carries its reason',
      decision: 'reject',
      more: { comment: 'too much' },
      cast: { as: 'counted', settled: { body: { outcome: 'rejected', comment: 'too much' } } },
      votes: 1,
      outcome: 'rejected',
    },
    {
      says: 'that delegates to nobody is unfit',
      decision: 'delegate',
      cast: { as: 'unfit', field: 'to' },
      votes: 0,
    },
    {
      says: 'T11: that delegates to who asked for the run is unfit',
      decision: 'delegate',
      more: { to: REQUESTER },
      cast: { as: 'unfit', field: 'to' },
      votes: 0,
    },
    {
      says: 'that delegates leaves the hold open',
      decision: 'delegate',
      more: { to: 'bob' },
      cast: { as: 'counted', settled: undefined },
      votes: 1,
    },
  ];

  test.each(ROWS)('$says', async (row) => {
    await row.after?.();
    const { who = 'ann', decision, more } = row;
    expect(await its.vote(who, decision, more)).toMatchObject(row.cast);
    expect(await votes()).toHaveLength(row.votes);
    expect(await outcome()).toBe(row.outcome);
  });

  test('without four-eyes: who asked for the run may approve it', async () => {
    const lead = { ...ROUTES.lead, fourEyes: false } as (typeof ROUTES)[string];
    its = createSetting({ routes: { ...ROUTES, lead } });
    await its.propose();
    expect(await its.open()).toMatchObject({ fourEyes: false, excluded: [] });
    expect(await its.vote(REQUESTER)).toMatchObject({
      as: 'counted',
      settled: { body: { outcome: 'approved' } },
    });
  });

  test('I3: whoever edited the arguments may not approve them', async () => {
    await its.vote('ann', 'edit', { args: { amount: 60 } });
    await its.perform();
    expect(await its.open()).toMatchObject({ excluded: [REQUESTER, OWNER, 'ann'] });
    expect(await its.vote('ann')).toMatchObject({ as: 'forbidden' });
    expect(await its.vote('bob')).toMatchObject({ as: 'counted' });
    await its.perform();
    expect(its.world.calls).toMatchObject([{ args: { amount: 60 } }]);
  });

  test('fifty equal ones at once are one vote with one answer', async () => {
    const casts = await Promise.all(Array.from({ length: 50 }, () => its.vote('ann')));
    expect(new Set(casts.map((cast) => JSON.stringify(cast))).size).toBe(1);
    expect(await votes()).toHaveLength(1);
  });

  test('fifty different ones at once are one vote, and the others are told of it', async () => {
    const decisions = ['approve', 'reject'] as const;
    const all = Array.from({ length: 50 }, (_, i) => its.vote('ann', decisions[i % 2]));
    const casts = (await Promise.all(all)).map(({ as }) => as);
    expect(await votes()).toHaveLength(1);
    expect(casts.filter((as) => as === 'counted')).toHaveLength(25);
    expect(casts.filter((as) => as === 'voted otherwise')).toHaveLength(25);
  });

  test('I7: a rejection that lost the race is told so, however often it is posted', async () => {
    // It lands after the settlement, which it had not seen; its first answer is lost.
    await its.vote('bob');
    const { digest } = (await its.branch()).holds[0]?.opened?.body ?? { digest: '' };
    const body = { kind: 'vote' as const, who: 'ann', decision: 'reject' as const, digest };
    const late = { ...body, via: 'token' as const, groups: ['leads'] };
    await its.deps.journal.put(RUN_ID, voteKey(ACTION, 0, 'ann'), late, []);
    for (let times = 0; times < 2; times++) {
      expect(await its.vote('ann', 'reject')).toMatchObject({
        as: 'settled otherwise',
        settled: { body: { outcome: 'approved' } },
      });
    }
  });

  test('T9: an approval that a rejection overtook keeps its receipt', async () => {
    its = createSetting();
    its.world.policy = 'strict';
    await its.propose();
    await its.open();
    expect(await its.vote('ann')).toMatchObject({ as: 'counted', settled: undefined });
    await its.vote('dot', 'reject');
    expect(await its.vote('ann')).toMatchObject({
      as: 'counted',
      settled: { body: { outcome: 'rejected' } },
    });
  });

  test('T11: an alias of the same subject is the same subject', async () => {
    its.world.people = { ...PEOPLE, alias: PEOPLE[REQUESTER] ?? [] };
    const find = its.deps.directory.find;
    its.deps.directory.find = async (id) => find(id === 'alias' ? REQUESTER : id);
    expect(await its.vote('alias')).toMatchObject({
      as: 'forbidden',
      why: expect.stringContaining('four-eyes'),
    });
  });
});
