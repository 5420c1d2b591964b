import type { Demo } from './demo.ts';

/** Frida asks Felix to decide instead. He decides by his own right, on a link of his own; she decides no more. */
export const delegation: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const [hold] = await hands.open(runId);
    const holdId = hold?.holdId ?? '';
    const asked = await hands.vote('frida', holdId, { decision: 'delegate', to: 'felix', comment: 'Yours' });
    hands.expect(asked.json.status === 'open', `the delegation was answered with ${JSON.stringify(asked)}`);
    const told = hands.notices.filter(({ about }) => about === 'delegated');
    hands.expect(told.length === 1 && told[0]?.approvers[0]?.member.id === 'felix', 'Felix was not told');
    const own = await hands.vote('frida', holdId, { decision: 'approve' });
    hands.expect(own.status === 409, `Frida decided once more: ${own.status}`);
    await hands.byLink('felix', holdId, { decision: 'approve' });

    const run = await hands.ended(runId);
    const action = run.actions.find(({ holds }) => holds.length > 0);
    const votes = action?.holds[0]?.votes.map(({ who, decision }) => `${who}: ${decision}`).join(', ');
    hands.expect(votes === 'frida: delegate, felix: approve', `the record says ${votes}`);
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    return [runId];
  },
};
