import { describe, expect, test } from 'vitest';
import { createSetting } from './perform-setting.ts';

describe('a question', () => {
  test.each([
    [{ decision: 'answer', answer: 'it happened' }, { as: 'counted' }],
    [
      { decision: 'answer', answer: 'maybe' },
      { as: 'unfit', field: 'answer' },
    ],
    [
      { decision: 'answer', answer: ' ' },
      { as: 'unfit', field: 'answer' },
    ],
    [{ decision: 'answer' }, { as: 'unfit', field: 'answer' }],
    [{ decision: 'approve' }, { as: 'unfit', field: 'decision' }],
    [
      { decision: 'edit', args: { amount: 5 } },
      { as: 'unfit', field: 'decision' },
    ],
    [{ decision: 'escalate' }, { as: 'unfit', field: 'decision' }],
    [{ decision: 'reject' }, { as: 'unfit', field: 'decision' }],
  ] as const)('of doubt: %j', async ({ decision, ...more }, cast) => {
    const its = createSetting({ tool: { replay: 'never' } });
    its.world.policy = 'allow';
    its.world.tool = async () => {
      throw new Error('reset');
    };
    await its.propose();
    await its.perform().catch(() => {});
    await its.perform();
    expect(await its.open()).toMatchObject({ asks: 'doubt', route: 'in-doubt' });
    expect(await its.vote('dot', decision, more)).toMatchObject(cast);
  });
});
