import type { Demo } from './demo.ts';

const SCOPE = '/brakes/tool:issue_refund';

/** Otto sets the brake on refunds before Lena approves one: it does not happen until the brake is lifted. */
export const brake: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const [hold] = await hands.open(runId);
    await hands.api('PUT', SCOPE, 'otto', { reason: 'The payment provider reports double bookings' });
    await hands.byLink('lena', hold?.holdId ?? '', { decision: 'approve' });
    await hands.until(runId, 'the run is paused', ({ status }) => status === 'paused');
    hands.expect((await hands.effects(runId)) === 0, 'it happened in spite of the brake');

    const lifted = await hands.api('DELETE', SCOPE, 'olivia');
    hands.expect(lifted.status === 204, `lifting was answered with ${lifted.status}`);
    const run = await hands.ended(runId);
    const action = run.actions.find(({ holds }) => holds.length > 0);
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    const { json } = await hands.api('GET', `${SCOPE}/history`, 'otto');
    const [set] = json.items;
    hands.expect(set?.who === 'otto' && set?.liftedBy === 'olivia', 'the record does not say who did it');
    return [runId];
  },
};
