import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expire } from '../../lambdas/expire/expire.ts';
import { Journal } from '../../lambdas/journal/journal.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { castVote } from '../../lambdas/oversight/vote.ts';
import { OWNER, PEOPLE, REQUESTER } from '../model/sample.ts';
import { RUNS, randomRuns } from '../support/random-runs.ts';
import { createSetting } from './perform-setting.ts';

const LIMIT_MS = 100_000;

/** Ann, bob, cas and dot may decide, two of them from finance and ops; the others are excluded. */
const ballots = fc.uniqueArray(
  fc.record({
    who: fc.constantFrom(...Object.keys(PEOPLE)),
    decision: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'reject' as const),
  }),
  { selector: ({ who }) => who, minLength: 2, maxLength: 5 },
);

test('T10: approvers race, and the time limit with them: one outcome, which every receipt agrees with', {
  timeout: 60_000 + RUNS * 20,
}, async () => {
  const race = fc.asyncProperty(ballots, fc.scheduler(), fc.boolean(), async (cast, scheduler, late) => {
    const its = createSetting();
    its.world.policy = 'strict';
    await its.propose();
    const opened = await its.open();

    // Every call to the store waits for its turn, and the limit passes at any moment.
    const dynamodb = its.store.client(async () => scheduler.schedule(Promise.resolve()));
    const { now } = its.deps;
    const journal = new Journal({ dynamodb, table: 'journal', now });
    const deps = { ...its.deps, journal, rows: new Rows({ dynamodb, table: 'rows' }) };
    const passed = async () => {
      await scheduler.schedule(Promise.resolve(), 'the limit passes');
      its.clock.ms += LIMIT_MS + 1;
      await expire(deps, input);
    };
    const input = await its.input();
    const votes = cast.map(async ({ who, decision }) => {
      const ballot = { who, via: 'token' as const, decision, digest: opened.digest };
      return { who, decision, as: (await castVote(deps, its.addressOf(0), ballot)).as };
    });
    const all = Promise.all([...votes, ...(late ? [passed()] : [])]);
    await scheduler.waitFor(all);
    const told = await Promise.all(votes);
    await its.perform();

    const settled = (await its.branch()).holds[0]?.settled?.body;
    const counted = told.filter(({ as }) => as === 'counted');
    const approvers = settled?.votes.map(({ who }) => who) ?? [];
    const excluded = told.filter(({ who }) => who === REQUESTER || who === OWNER);
    expect(excluded.every(({ as }) => as === 'forbidden')).toBe(true);
    // I7
    const rejected = counted.some(({ decision }) => decision === 'reject');
    if (rejected) expect(settled?.outcome).toBe('rejected');
    // I2
    if (settled?.outcome === 'approved') {
      expect(new Set(approvers).size).toBeGreaterThanOrEqual(2);
      expect(approvers.every((who) => counted.some((vote) => vote.who === who))).toBe(true);
    }
    // I8: of these four, any two stand for two groups unless both have the same single one.
    const approved = counted.filter(({ decision }) => decision === 'approve').map(({ who }) => who);
    const groups = approved.map((who) => PEOPLE[who]?.filter((group) => opened.groups.includes(group)));
    if (!rejected && new Set(groups.flat()).size >= 2 && approved.length >= 2)
      expect(settled?.outcome).toBe('approved');
    expect(its.world.calls).toHaveLength(settled?.outcome === 'approved' ? 1 : 0);
  });
  await fc.assert(race, randomRuns(RUNS));
});
