import { beforeEach, describe, expect, test } from 'vitest';
import { Terminal } from '../../lambdas/errors.ts';
import { canonical, digest } from '../../lambdas/journal/digest.ts';
import { holdKey, settledKey, turnKey } from '../../lambdas/journal/keys.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import { perform } from '../../lambdas/perform/perform.ts';
import { AGENT, TOOL } from '../model/sample.ts';
import { ACTION, createSetting, KEY, RUN_ID, type Setting } from './perform-setting.ts';

let its: Setting;
beforeEach(async () => {
  its = createSetting();
  await its.propose();
  await its.open();
});

const digestOf = (args: object) => digest({ agent: AGENT, tool: TOOL, toolVersion: 1, args: args as never });
const brake = (id: string) => its.deps.rows.put({ kind: 'brake', id } as never);
const turnWith = (change: (action: BodyOf<'turn'>['actions'][number]) => object) =>
  its.forge(turnKey(1), (text) => {
    const body = JSON.parse(text) as BodyOf<'turn'>;
    return canonical({ ...body, actions: body.actions.map((a) => ({ ...a, ...change(a) })) } as never);
  });
/** What people are asked next, and why. */
const asked = async () => {
  const last = (await its.branch()).holds.at(-1);
  return { why: last?.namedBy.body.kind === 'again' ? last.namedBy.body.why : undefined, detail: last?.why };
};

test('what is approved is performed, once, under one key', async () => {
  await its.vote('ann');
  expect(await its.perform()).toMatchObject({ next: 'done' });
  expect(await its.perform()).toMatchObject({ next: 'done' });
  expect(its.world.calls).toEqual([{ args: { amount: 50 }, key: expect.stringMatching(KEY) }]);
  expect(await its.result()).toMatchObject({ outcome: 'succeeded', value: 'paid' });
});

test('what is not decided yet is not performed', async () => {
  expect(await its.perform()).toMatchObject({ next: 'hold', hold: 0 });
  expect(its.world.calls).toEqual([]);
});

describe('T2: one byte of the arguments', () => {
  const refused = async () => {
    await its.perform();
    expect(its.world.calls).toEqual([]);
    expect(await its.result()).toMatchObject({ outcome: 'not performed' });
    expect(its.world.alarms).toEqual([expect.stringContaining('the arguments are not those')]);
  };

  test('changed in the turn: not performed, alarm', async () => {
    await its.vote('ann');
    await turnWith(() => ({ args: { amount: 51 } }));
    await refused();
  });

  test('changed with a digest to match: not performed, alarm', async () => {
    await its.vote('ann');
    await turnWith(() => ({ args: { amount: 51 }, digest: digestOf({ amount: 51 }) }));
    await refused();
  });

  test('changed where policy alone allowed it: not performed, alarm', async () => {
    its = createSetting();
    its.world.policy = 'allow';
    await its.propose();
    await turnWith(() => ({ args: { amount: 51 } }));
    await refused();
  });

  test('changed without a hash to match: nothing is done on its word (T24)', async () => {
    await its.vote('ann');
    const item = its.store.items('journal').find(({ sk }) => sk === turnKey(1).sk);
    const body = String(item?.body).replace('"amount":50', '"amount":51');
    its.store.overwrite('journal', { ...item, body } as never);
    await expect(its.perform()).rejects.toThrow(Terminal);
    expect(its.world.calls).toEqual([]);
  });

  test('another digest in the settlement: not performed, alarm', async () => {
    await its.vote('ann');
    await its.forge(settledKey(ACTION, 0), (text) =>
      text.replace(/"digest":"[0-9a-f]+"/, '"digest":"other"'),
    );
    await refused();
  });

  test('another digest in the hold: not performed, alarm', async () => {
    await its.vote('ann');
    await its.forge(holdKey(ACTION, 0), (text) => text.replace(/"digest":"[0-9a-f]+"/, '"digest":"other"'));
    await refused();
  });

  test('another order of the keys, other white space: the same digest', () => {
    const spaced = JSON.parse('{ "note" : "x",\n "amount": 50 }');
    expect(digestOf(spaced)).toBe(digestOf({ amount: 50, note: 'x' }));
    expect(digestOf({ amount: 50, note: 'x ' })).not.toBe(digestOf({ amount: 50, note: 'x' }));
  });
});

test('T3: an approval covers its own action and no other', async () => {
  await its.vote('ann');
  await its.perform();
  its.clock.ms += 1_000;
  const other = createSetting();
  await other.propose({ amount: 60 });
  await other.open();
  // The settlement of the first, put in the place of the second's.
  const settled = (await its.branch()).holds[0]?.settled?.body as BodyOf<'settled'>;
  const { v: _, at: __, after: ___, ...body } = settled;
  await other.deps.journal.put(RUN_ID, settledKey(ACTION, 0), body, []);
  await other.perform();
  expect(other.world.calls).toEqual([]);
  expect(other.world.alarms).toHaveLength(1);
});

describe('T12: a forged event', () => {
  test('for another tool is refused', async () => {
    await its.vote('ann');
    const other = { ...its.deps, tool: 'delete_everything' };
    await expect(perform(other, await its.input())).rejects.toThrow('performs delete_everything only');
    expect(its.world.calls).toEqual([]);
  });

  test.each([
    ['of an action that was never proposed', '0001.07'],
    ['of a turn that was never taken', '0009.00'],
  ])('%s is refused', async (_, actionId) => {
    const input = await its.input();
    await expect(perform(its.deps, { ...input, step: { ...input.step, actionId } })).rejects.toThrow(
      Terminal,
    );
  });

  test('that says "perform" of what nobody has approved performs nothing', async () => {
    const input = await its.input();
    await perform(its.deps, { ...input, step: { ...input.step, next: 'perform', hold: 0 } });
    expect(its.world.calls).toEqual([]);
  });

  test('of what policy denied performs nothing', async () => {
    its = createSetting();
    its.world.policy = 'deny';
    await its.propose();
    its.world.policy = 'allow';
    expect(await its.perform()).toMatchObject({ next: 'done' });
    expect(its.world.calls).toEqual([]);
  });
});

describe('I6: an approval', () => {
  test('is used within a minute of the expiry', async () => {
    await its.vote('ann');
    its.clock.ms += 160_000;
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });

  test('is asked for again after that', async () => {
    await its.vote('ann');
    its.clock.ms += 160_001;
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await asked()).toEqual({ why: 'stale', detail: 'the approval was not used in time' });
    expect(its.world.calls).toEqual([]);
  });

  test('that a forged settlement lists, cast after the expiry, is none', async () => {
    await its.vote('ann');
    const late = new Date(its.clock.ms + 100_001).toISOString();
    await its.forge(settledKey(ACTION, 0), (text) => {
      const body = JSON.parse(text) as BodyOf<'settled'>;
      return canonical({ ...body, votes: body.votes.map((vote) => ({ ...vote, at: late })) } as never);
    });
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toEqual([]);
  });
});

describe('T30: the brake', () => {
  test.each([['all'], [`agent:${AGENT}`], [`tool:${TOOL}`], [`run:${RUN_ID}`]])(
    'on %s between approval and effect: nothing happens, and it goes on once it is lifted',
    async (scope) => {
      await its.vote('ann');
      await brake(scope);
      expect(await its.perform()).toMatchObject({ next: 'done' });
      expect(its.world.calls).toEqual([]);
      expect(await its.result()).toBeUndefined();
      expect((await its.branch()).places).toBe(0);
      await its.deps.rows.delete('brake', scope);
      await its.perform();
      expect(its.world.calls).toHaveLength(1);
    },
  );

  test.each([['agent:another'], ['tool:another'], ['run:another']])(
    'on %s does not matter',
    async (scope) => {
      await its.vote('ann');
      await brake(scope);
      await its.perform();
      expect(its.world.calls).toHaveLength(1);
    },
  );
});
