import { beforeEach, describe, expect, test } from 'vitest';
import { cancelKey } from '../../lambdas/journal/keys.ts';
import type { Route } from '../../lambdas/oversight/route.ts';
import { PEOPLE, type Policy, ROUTES } from '../model/sample.ts';
import { createSetting, RUN_ID, type Setting } from './perform-setting.ts';

let its: Setting;
beforeEach(async () => {
  its = createSetting();
  await its.propose();
  await its.open();
});

/** What people are asked next, and why. */
const asked = async () => {
  const last = (await its.branch()).holds.at(-1);
  return { why: last?.namedBy.body.kind === 'again' ? last.namedBy.body.why : undefined, detail: last?.why };
};

describe('T14: at the effect', () => {
  test('F27: policy that denies now means not performed, and says so', async () => {
    await its.vote('ann');
    its.world.policy = 'deny';
    expect(await its.perform()).toMatchObject({ next: 'done' });
    expect(its.world.calls).toEqual([]);
    expect(await its.result()).toMatchObject({
      outcome: 'not performed',
      why: expect.stringContaining('denied'),
    });
  });

  test('a stricter route is asked', async () => {
    await its.vote('ann');
    its.world.policy = 'strict';
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await asked()).toEqual({ why: 'stricter', detail: expect.stringContaining('the route strict') });
    expect(await its.open()).toMatchObject({ route: 'strict', quorum: 2 });
    await its.vote('ann');
    await its.vote('dot');
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });

  test('a looser route is satisfied', async () => {
    its = createSetting();
    its.world.policy = 'strict';
    await its.propose();
    await its.open();
    await its.vote('ann');
    await its.vote('dot');
    its.world.policy = 'lead';
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });

  test('a question that was passed on is as strict as the strictest of its routes', async () => {
    const helper = { ...ROUTES.lead, next: undefined, strictness: 10 } as Route;
    const lead = { ...ROUTES.lead, next: 'helper' } as Route;
    its = createSetting({ routes: { ...ROUTES, lead, helper } });
    await its.propose();
    await its.open();
    await its.vote('ann', 'escalate');
    await its.perform();
    expect(await its.open()).toMatchObject({ route: 'helper', level: 1 });
    await its.vote('bob');
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });

  test('what was allowed is asked once policy wants a person', async () => {
    its = createSetting();
    its.world.policy = 'allow';
    await its.propose();
    its.world.policy = 'lead';
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 0 });
    expect(await asked()).toMatchObject({ why: 'stricter' });
    expect(its.world.calls).toEqual([]);
  });

  test.each([
    ['has lost the group', { ...PEOPLE, ann: ['other'] }],
    ['has left', Object.fromEntries(Object.entries(PEOPLE).filter(([who]) => who !== 'ann'))],
  ])('whoever approved and %s counts no more, and is named', async (_, people) => {
    await its.vote('ann');
    its.world.people = people;
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await asked()).toEqual({ why: 'authority', detail: 'no longer entitled to approve: ann' });
    expect(its.world.calls).toEqual([]);
  });

  test('one of three who left does not matter to a quorum of two', async () => {
    its = createSetting();
    its.world.policy = 'strict';
    await its.propose();
    await its.open();
    // Two of one group leave it open until somebody of the other has voted.
    await its.vote('cas');
    await its.vote('ann');
    await its.vote('bob');
    its.world.people = { ...PEOPLE, cas: [] };
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });

  describe('the target', () => {
    const target = { version: 'v1', facts: { balance: '120.00' } };
    beforeEach(async () => {
      const observe = async () => target;
      Object.assign(target, { version: 'v1', facts: { balance: '120.00' } });
      its = createSetting({ tool: { observe } });
      await its.propose();
      expect(await its.open()).toMatchObject({ observed: { version: 'v1' } });
    });

    test('as it was shown is acted on', async () => {
      await its.vote('ann');
      await its.perform();
      expect(its.world.calls).toHaveLength(1);
    });

    test('that has changed is asked about again, with the difference shown', async () => {
      await its.vote('ann');
      Object.assign(target, { version: 'v2', facts: { balance: '80.00', frozen: 'yes' } });
      expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
      const detail = 'balance was 120.00, is 80.00; frozen was absent, is yes';
      expect(await asked()).toEqual({ why: 'stale', detail });
      expect(its.world.calls).toEqual([]);
      expect(await its.open()).toMatchObject({ observed: { version: 'v2' }, why: detail });
      await its.vote('ann');
      await its.perform();
      expect(its.world.calls).toHaveLength(1);
    });

    test('that has changed matters where policy would allow it by now, too', async () => {
      await its.vote('ann');
      its.world.policy = 'allow';
      Object.assign(target, { version: 'v2' });
      expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
      expect(its.world.calls).toEqual([]);
    });

    test('that never rests is given up after three questions', async () => {
      for (let n = 0; n < 3; n++) {
        await its.vote('ann');
        Object.assign(target, { version: `changed ${n}` });
        expect(await its.perform()).toMatchObject({ next: 'hold', hold: n + 1 });
        await its.open();
      }
      await its.vote('ann');
      Object.assign(target, { version: 'changed again' });
      expect(await its.perform()).toMatchObject({ next: 'done' });
      expect(its.world.calls).toEqual([]);
      expect(await its.result()).toMatchObject({
        outcome: 'not performed',
        why: expect.stringContaining('asked 3 times anew'),
      });
    });
  });
});

describe('what was decided', () => {
  test.each([
    ['rejected', 'reject', { comment: 'no' }, { outcome: 'not performed', why: 'rejected by ann: no' }],
  ] as const)('%s is not performed', async (_, decision, more, result) => {
    await its.vote('ann', decision, more);
    for (const policy of ['lead', 'allow'] satisfies Policy[]) {
      its.world.policy = policy;
      await its.perform();
      expect(its.world.calls).toEqual([]);
    }
    expect(await its.result()).toMatchObject(result);
  });

  test('by nobody in time, on the last route, is not performed', async () => {
    its.clock.ms += 101_000;
    await its.expire();
    await its.perform();
    await its.open();
    its.clock.ms += 101_000;
    await its.expire();
    expect(await its.perform()).toMatchObject({ next: 'done' });
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'nobody decided in time' });
    expect(its.world.calls).toEqual([]);
  });

  test.each([
    [5, undefined, 1],
    [500, 'strict', 0],
    [5000, undefined, 0],
  ])('as an edit to %i is ruled on anew', async (amount, route, calls) => {
    its.world.policy = 'by amount';
    await its.vote('ann', 'edit', { args: { amount } });
    await its.perform();
    expect(its.world.calls).toHaveLength(calls);
    const { holds } = await its.branch();
    expect(holds[1]?.route).toBe(route);
    if (route) expect((await asked()).why).toBe('edited');
  });

  test('is not performed in a cancelled run', async () => {
    await its.vote('ann');
    await its.deps.journal.put(RUN_ID, cancelKey, { kind: 'cancel', who: 'ann' }, []);
    expect(await its.perform()).toMatchObject({ next: 'done' });
    expect(its.world.calls).toEqual([]);
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'the run was cancelled' });
  });
});
