import { describe, expect, test } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { costOf, inMoney } from '../../lambdas/model/cost.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { limitReached } from '../../lambdas/runs/limit-reached.ts';
import { fitLimits } from '../../lambdas/runs/limits.ts';

const MODEL = 'openai-compatible:mine';
const FREE = { input: 0, output: 0 };
const LIMITS = { turns: 5, tokens: 100, wallSeconds: 60 };
const USED = { turns: 0, tokens: 0, spendMicros: 0, seconds: 0, contextBytes: 0 };

describe('the limits of a run that is asked for', () => {
  test('are the agent’s where it asks for none', () => {
    expect(fitLimits(support, {}, MODEL, FREE)).toEqual({ as: 'limits', limits: support.limits });
  });

  test('are those that it asks for, up to what the agent allows', () => {
    const fitted = fitLimits(support, { turns: 500, contextBytes: 1 }, MODEL, FREE);
    expect(fitted).toEqual({ as: 'limits', limits: { ...support.limits, turns: 500, contextBytes: 1 } });
    const over = { as: 'refused', field: 'limits.turns', detail: 'at most 500 for this agent' };
    expect(fitLimits(support, { turns: 501 }, MODEL, FREE)).toEqual(over);
    const agent = { ...support, mostLimits: {} };
    expect(fitLimits(agent, { turns: 51 }, MODEL, FREE)).toMatchObject({ field: 'limits.turns' });
  });

  test('on spend are refused, not dropped, where nobody knows what the model costs', () => {
    const unknown = {
      as: 'refused',
      detail: expect.stringContaining(`what ${MODEL} costs (HOLDPOINT_PRICES)`),
    };
    const limited = { ...support, limits: { ...support.limits, spendMicros: 5 } };
    expect(fitLimits(limited, {}, MODEL, undefined)).toEqual({ ...unknown, field: 'model' });
    const asked = fitLimits(support, { spendMicros: 5 }, MODEL, undefined);
    expect(asked).toEqual({ ...unknown, field: 'limits.spendMicros' });
    expect(fitLimits(support, {}, MODEL, undefined)).toEqual({ as: 'limits', limits: support.limits });
  });
});

describe('a limit', () => {
  test.each([
    ['turns', { turns: 5 }, { turns: 4 }],
    ['tokens', { tokens: 100 }, { tokens: 99 }],
    ['60 s', { seconds: 60.001 }, { seconds: 60 }],
    ['spend of 0.000007 USD', { spendMicros: 7 }, { spendMicros: 6 }],
    ['context of 9 bytes', { contextBytes: 10 }, { contextBytes: 9 }],
  ])('on %s ends a run that has come to it, and none before', (name, at, before) => {
    const limits = { ...LIMITS, spendMicros: 7, contextBytes: 9 };
    expect(limitReached(limits, FREE, { ...USED, ...at })).toContain(name);
    expect(limitReached(limits, FREE, { ...USED, ...before })).toBeUndefined();
  });

  test('on spend ends a run whose record does not say what its model costs', () => {
    expect(limitReached({ ...LIMITS, spendMicros: 7 }, undefined, USED)).toContain('cannot be kept');
    expect(limitReached(LIMITS, undefined, USED)).toBeUndefined();
  });
});

describe('prices', () => {
  test('are known of listed models, told of others, nothing for scripted ones, and else unknown', () => {
    const priceOf = readPrices(
      JSON.stringify({ [MODEL]: FREE, 'anthropic:claude-sonnet-4-5': { input: 1, output: 2 } }),
    );
    expect(priceOf(MODEL)).toEqual(FREE);
    expect(priceOf('anthropic:claude-sonnet-4-5')).toEqual({ input: 1, output: 2 });
    expect(priceOf('anthropic:claude-haiku-4-5')).toEqual({ input: 1_000_000, output: 5_000_000 });
    expect(priceOf('scripted:refund')).toEqual(FREE);
    expect(priceOf('constructor')).toBeUndefined();
  });

  test.each([
    '{',
    '[]',
    '{"m": {"input": 1.5, "output": 1}}',
    '{"m": {"input": -1, "output": 1}}',
    '{"m": {"input": 1}}',
  ])('that are none, %s, are refused with the setting named', (text) =>
    expect(() => readPrices(text)).toThrow(/^HOLDPOINT_PRICES: /),
  );

  test('are counted in whole millionths, rounded up', () => {
    expect(costOf({ input: 1, output: 1 }, { input: 1, output: 1 })).toBe(1);
    expect(costOf({ input: 1_000_000, output: 1_000_000 }, { input: 3_000_000, output: 15_000_000 })).toBe(
      18_000_000,
    );
    expect([0, 1, 1_250_000, 123_456_789].map(inMoney)).toEqual([
      '0.000000 USD',
      '0.000001 USD',
      '1.250000 USD',
      '123.456789 USD',
    ]);
  });
});
