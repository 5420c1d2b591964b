import { beforeEach, describe, expect, test } from 'vitest';
import { Retryable } from '../../lambdas/errors.ts';
import { canonical, digest } from '../../lambdas/journal/digest.ts';
import { turnKey, voteKey } from '../../lambdas/journal/keys.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import type { Tool } from '../../lambdas/tools/tool.ts';
import { ACTION, createSetting, RUN_ID, type Setting } from './perform-setting.ts';

const LANDED_MS = 25_000;
const reset = async () => {
  throw new Error('connection reset');
};

let its: Setting;
const begin = async (tool: Partial<Tool> = {}) => {
  its = createSetting({ tool });
  await its.propose();
  await its.open();
  await its.vote('ann');
};
const lastAgain = async () => (await its.branch()).holds.at(-1)?.namedBy.body;

describe('F16: an unknown outcome', () => {
  test('of what must never be repeated is asked about; it did not happen: another try', async () => {
    await begin({ replay: 'never' });
    its.world.tool = reset;
    await expect(its.perform()).rejects.toThrow(Retryable);
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toHaveLength(1);
    expect(its.world.alarms).toEqual(['in doubt: Error: connection reset']);
    expect(await its.open()).toMatchObject({ asks: 'doubt' });
    await its.vote('dot', 'answer', { answer: 'it did not happen' });
    its.world.tool = async () => 'paid';
    await its.perform();
    expect(its.world.calls).toHaveLength(2);
    expect(await its.result()).toMatchObject({ outcome: 'succeeded', value: 'paid' });
  });

  test.each([
    ['it happened', { outcome: 'succeeded', value: { notice: expect.stringContaining('dot') } }],
    ['leave it', { outcome: 'left in doubt', why: 'left in doubt by dot' }],
  ])('of which a person says %j ends so, without another call', async (answer, result) => {
    await begin({ replay: 'never' });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    await its.perform();
    await its.open();
    await its.vote('dot', 'answer', { answer });
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
    expect(await its.result()).toMatchObject(result);
  });

  test('that nobody says anything of is left in doubt', async () => {
    await begin({ replay: 'never' });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    await its.perform();
    await its.open();
    its.clock.ms += 101_000;
    await its.expire();
    await its.perform();
    expect(await its.result()).toMatchObject({ outcome: 'left in doubt' });
    expect(its.world.calls).toHaveLength(1);
  });

  test.each([
    ['nothing', undefined],
    ['an object without a text', Object.create(null)],
    [
      'an object whose text throws',
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
    ['an error with such a cause', new Error('reset', { cause: Object.create(null) })],
  ])('is what it is where %s is thrown, and is never tried again', async (_, thrown) => {
    await begin({ replay: 'never' });
    its.world.tool = async () => {
      throw thrown;
    };
    await expect(its.perform()).rejects.toThrow('outcome unknown');
    expect((await its.branch()).tries[0]?.outcome?.body.outcome).toBe('unknown');
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toHaveLength(1);
  });

  test('of a keyed tool is repeated under the same key', async () => {
    await begin();
    its.world.tool = reset;
    await expect(its.perform()).rejects.toThrow(Retryable);
    its.world.tool = async () => 'paid';
    await its.perform();
    const [first, second] = its.world.calls;
    expect(second).toEqual(first);
    expect(await its.result()).toMatchObject({ outcome: 'succeeded' });
  });

  test('F20: past the window of its key is asked about', async () => {
    await begin();
    its.world.policy = 'allow';
    its.world.tool = reset;
    await its.perform().catch(() => {});
    its.clock.ms += 20 * 3_600_000;
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toHaveLength(1);
  });

  test('hides behind no refusal: policy denies now, and people are asked what happened', async () => {
    await begin();
    its.world.tool = reset;
    await its.perform().catch(() => {});
    its.world.policy = 'deny';
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await lastAgain()).toMatchObject({ why: 'in doubt', try: 1 });
    // From then on people decide: policy relents, and nothing repeats itself.
    its.world.policy = 'allow';
    await its.open();
    await its.perform();
    await its.vote('dot', 'answer', { answer: 'leave it' });
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
    expect(await its.result()).toMatchObject({ outcome: 'left in doubt' });
  });

  test('F28: is left in doubt where its rejection is recorded, which an earlier version took', async () => {
    await begin();
    its.world.policy = 'allow';
    its.world.tool = reset;
    await its.perform().catch(() => {});
    its.world.policy = 'deny';
    await its.perform();
    const { digest: shown } = await its.open();
    const hold = (await its.branch()).holds.at(-1);
    const as = { who: 'dot', via: 'token' as const, groups: ['operations'], digest: shown };
    const key = voteKey(ACTION, hold?.number ?? 0, 'dot');
    await its.deps.journal.put(RUN_ID, key, { kind: 'vote', decision: 'reject', ...as }, [hold?.opened]);
    // Sent again, it still gets its receipt.
    expect(await its.vote('dot', 'reject')).toMatchObject({ as: 'counted' });
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
    expect(await its.result()).toMatchObject({ outcome: 'left in doubt' });
  });

  test('F19: is not repeated with other arguments', async () => {
    its = createSetting();
    its.world.policy = 'allow';
    await its.propose();
    its.world.tool = reset;
    await its.perform().catch(() => {});
    await its.forge(turnKey(1), (text) => {
      const body = JSON.parse(text);
      const args = { amount: 51 };
      const own = digest({ agent: 'teller', tool: 'pay', toolVersion: 1, args });
      return canonical({ ...body, actions: [{ ...body.actions[0], args, digest: own }] });
    });
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 0 });
    expect(its.world.calls).toHaveLength(1);
    expect(its.world.alarms).toEqual(['in doubt: Error: connection reset']);
  });
});

describe('F15: reading back', () => {
  const looked: JsonObject[] = [];
  let found: { happened: boolean | 'unknown'; result?: string; why?: string } = { happened: false };
  const readBack: Tool['readBack'] = async (args) => {
    looked.push(args as JsonObject);
    return found as never;
  };
  beforeEach(async () => {
    looked.length = 0;
    await begin({ replay: 'never', readBack });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    its.world.tool = async () => 'paid';
  });

  test('a yes is believed at once', async () => {
    found = { happened: true, result: 'found' };
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
    expect(await its.result()).toMatchObject({ outcome: 'succeeded', value: 'found' });
  });

  test('a no is believed once the call can land no more, and not before', async () => {
    found = { happened: false };
    its.clock.ms += LANDED_MS - 1;
    await expect(its.perform()).rejects.toThrow('may still land');
    expect(its.world.calls).toHaveLength(1);
    its.clock.ms += 1;
    await its.perform();
    expect(its.world.calls).toHaveLength(2);
  });

  test('a perhaps is asked about, with what the downstream said', async () => {
    found = { happened: 'unknown', why: 'two look like it' };
    its.clock.ms += LANDED_MS;
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toHaveLength(1);
    expect(await lastAgain()).toMatchObject({ lookedUp: { said: 'unknown', why: 'two look like it' } });
  });

  test('no answer is a perhaps', async () => {
    await begin({
      replay: 'never',
      readBack: async () => {
        throw new Error('the bank is closed');
      },
    });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await lastAgain()).toMatchObject({
      lookedUp: { said: 'unknown', why: 'no answer: Error: the bank is closed' },
    });
  });

  test('a perhaps that is told at length is recorded as a text, cut with how much', async () => {
    found = { happened: 'unknown', why: 'long '.repeat(40_000) };
    its.clock.ms += LANDED_MS;
    await its.perform();
    const why = /^long .*… \(cut: 200000 bytes, of which \d+ are kept\)$/;
    expect(await lastAgain()).toMatchObject({
      lookedUp: { said: 'unknown', why: expect.stringMatching(why) },
    });
  });

  test('an error that cannot be told is a perhaps too', async () => {
    const untellable = { toString: () => expect.fail('told') };
    await begin({ replay: 'never', readBack: () => Promise.reject(untellable) });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(await lastAgain()).toMatchObject({ lookedUp: { said: 'unknown' } });
  });

  test('a no that comes when people are asked decides nothing', async () => {
    found = { happened: 'unknown' };
    its.clock.ms += LANDED_MS;
    await its.perform();
    await its.open();
    found = { happened: false };
    expect(await its.perform()).toMatchObject({ next: 'hold', hold: 1 });
    expect(its.world.calls).toHaveLength(1);
  });

  test('looks for what was sent, not for what was proposed', async () => {
    its = createSetting({ tool: { replay: 'never', readBack } });
    its.world.policy = 'by amount';
    await its.propose();
    await its.open();
    await its.vote('ann', 'edit', { args: { amount: 7 } });
    its.world.tool = reset;
    await its.perform().catch(() => {});
    found = { happened: true, result: 'found' };
    await its.perform();
    expect(looked).toEqual([{ amount: 7 }]);
  });
});
