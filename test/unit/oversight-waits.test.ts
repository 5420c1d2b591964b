import { describe, expect, test } from 'vitest';
import { ROUTES } from '../model/sample.ts';
import { createSetting } from './perform-setting.ts';

const DAY = 24 * 3600;
const YEAR = 365 * DAY;
const LONGEST = 20 * DAY;

async function waiting(limitSeconds: number) {
  const lead = { ...ROUTES.lead, limitSeconds, next: undefined } as (typeof ROUTES)[string];
  const its = createSetting({ routes: { ...ROUTES, lead } });
  await its.propose();
  /** One wait of the state machine that nobody ends: Hold, the state's time limit, Expire, Perform. */
  const wait = async () => {
    const { step } = await its.input();
    expect(step.next).toBe('hold');
    await its.open();
    its.clock.ms += step.seconds * 1000;
    await its.expire();
    await its.perform();
    return step.seconds;
  };
  return { its, wait };
}

describe('a hold', () => {
  test.each([1, 60, DAY, LONGEST - 1])('of %s seconds is one wait, a second longer', async (limit) => {
    const { its, wait } = await waiting(limit);
    expect(await wait()).toBe(limit + 1);
    expect(await its.result()).toMatchObject({ outcome: 'not performed', why: 'nobody decided in time' });
    expect(its.world.calls).toEqual([]);
  });

  test('of a year is waits of twenty days, none of which ends it before its time', async () => {
    const { its, wait } = await waiting(YEAR);
    const waits: number[] = [];
    while (!(await its.result())) waits.push(await wait());
    expect(waits).toEqual([...Array.from({ length: 18 }, () => LONGEST), 5 * DAY + 1]);
    expect((await its.branch()).holds.map(({ settled }) => settled?.body.outcome)).toEqual(['expired']);
    expect(its.world.told).toEqual(['opened']);
    expect(its.world.calls).toEqual([]);
  });

  test('of a year is decided after eleven months, and the wait of then is told', async () => {
    const { its, wait } = await waiting(YEAR);
    for (let waits = 0; waits < 16; waits++) await wait();
    await its.open();
    await its.vote('ann');
    expect(its.world.delivered.at(-1)).toMatchObject({ token: 'token 17' });
    await its.perform();
    expect(its.world.calls).toHaveLength(1);
  });
});
