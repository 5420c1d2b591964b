import type { Demo } from './demo.ts';

/** Three actions of one turn wait at once; each is decided alone, and a rejection spares its siblings. */
export const parallel: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const holds = await hands.open(runId, 3);
    const [first, second, third] = holds.map(({ holdId }) => holdId);
    await hands.byLink('lena', second ?? '', { decision: 'reject', comment: 'Not this one' });
    await hands.byLink('lena', third ?? '', { decision: 'approve' });
    await hands.byLink('lena', first ?? '', { decision: 'approve' });

    const run = await hands.ended(runId);
    const outcomes = run.actions
      .filter((action) => action.holds.length > 0)
      .map(({ effect }) => effect?.outcome);
    const wanted = ['succeeded', 'not performed', 'succeeded'];
    hands.expect(outcomes.join() === wanted.join(), `the outcomes are ${outcomes.join(', ')}`);
    hands.expect((await hands.effects(runId)) === 2, `there are ${await hands.effects(runId)} effects`);
    return [runId];
  },
};
