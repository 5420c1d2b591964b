import { beforeEach, describe, expect, test } from 'vitest';
import { hold } from '../../lambdas/hold/hold.ts';
import { holdId } from '../../lambdas/journal/keys.ts';
import { createSetting, type Setting } from './perform-setting.ts';

let its: Setting;
beforeEach(async () => {
  its = createSetting();
  await its.propose();
  await its.open();
});

const outcome = async () => (await its.branch()).holds[0]?.settled?.body.outcome;
const rowOf = (hold = 0) => its.deps.rows.get('hold', holdId(its.addressOf(hold)));

describe('the inbox', () => {
  test('loses a hold once its settlement was taken', async () => {
    expect(await rowOf()).toMatchObject({ tokens: ['token 1'] });
    await its.vote('ann');
    expect(its.world.delivered).toMatchObject([{ token: 'token 1', delivered: { outcome: 'approved' } }]);
    expect(await rowOf()).toBeUndefined();
  });

  test('F5: has every token, and the one that lives gets the settlement', async () => {
    await its.open();
    its.world.stale.add('token 1');
    await its.vote('ann');
    expect(its.world.delivered.map(({ token }) => token)).toEqual(['token 2']);
    expect(await rowOf()).toBeUndefined();
  });

  test('F10: keeps a hold that no token was taken for, due soon', async () => {
    its.world.stale.add('token 1');
    await its.vote('ann');
    expect(its.world.delivered).toEqual([]);
    expect(await rowOf()).toMatchObject({ due: its.clock.ms + 30_000 });
  });

  test('F4, F5: a Hold that comes after the vote delivers to its own token', async () => {
    its.world.stale.add('token 1');
    const late = await its.input();
    await its.vote('ann');
    await hold(its.deps, { ...late, token: 'token 9' });
    expect(its.world.delivered.map(({ token }) => token)).toEqual(['token 9']);
  });

  test('F6: a notice that fails loses no hold, and is due again', async () => {
    its = createSetting();
    its.deps.notify = async () => {
      throw new Error('no mail');
    };
    await its.propose();
    await its.open();
    expect(await rowOf()).toMatchObject({ told: 'nobody', untold: 'all', due: its.clock.ms + 30_000 });
  });

  test('an expiry that comes early changes nothing', async () => {
    its.clock.ms += 99_000;
    await its.expire();
    expect(await rowOf()).toBeDefined();
    expect(await outcome()).toBeUndefined();
  });
});
