import type { Demo } from './demo.ts';

/** Two of one group are not enough for what is critical; the second must come from another group. */
export const quorum: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const [hold] = await hands.open(runId);
    const holdId = hold?.holdId ?? '';
    for (const who of ['frida', 'felix']) {
      await hands.byLink(who, holdId, { decision: 'approve' });
      const { json } = await hands.api('GET', `/holds/${holdId}`, 'otto');
      hands.expect(json.status === 'open', `after ${who} the hold is ${json.status}`);
    }
    hands.expect((await hands.effects(runId)) === 0, 'it happened before the quorum was there');
    await hands.byLink('otto', holdId, { decision: 'approve' });

    const run = await hands.ended(runId);
    const [action] = run.actions.filter(({ tool }) => tool === 'delete_record');
    const groups = new Set(action?.holds[0]?.votes.flatMap((vote) => vote.groups));
    hands.expect(action?.holds[0]?.settlement === 'approved', 'the quorum did not settle it');
    hands.expect(groups.has('finance') && groups.has('operations'), 'not two groups have voted');
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    return [runId];
  },
};
