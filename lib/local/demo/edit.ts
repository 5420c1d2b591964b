import type { Demo } from './demo.ts';

/** An edit approves nothing: the larger amount is ruled on anew, and asks for a stronger route at a higher tier. */
export const edit: Demo = {
  play: async (hands) => {
    const runId = await hands.start();
    const [hold] = await hands.open(runId);
    hands.expect(hold?.tier === 'medium' && hold.route === 'support-lead', 'it began otherwise');
    const { json } = await hands.api('GET', `/holds/${hold?.holdId}`, 'lena');
    const args = { ...json.args, amountMinor: 70_000 };
    const comment = 'The grinder was in that order too.';
    const edited = await hands.vote('lena', hold?.holdId ?? '', { decision: 'edit', args, comment });
    hands.expect(edited.json.status === 'edited', `the edit was answered with ${JSON.stringify(edited)}`);

    const [next] = await hands.open(runId);
    hands.expect(next?.tier === 'high' && next.route === 'finance', `then ${next?.tier}, ${next?.route}`);
    hands.expect(next?.digest !== hold?.digest, 'the digest is that of the old arguments');
    hands.expect((await hands.effects(runId)) === 0, 'the edit was performed without an approval');
    await hands.byLink('frida', next?.holdId ?? '', { decision: 'approve' });

    const run = await hands.ended(runId);
    const action = run.actions.find(({ holds }) => holds.length > 0);
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    const paid = (action?.editedArgs as { amountMinor?: number } | undefined)?.amountMinor;
    hands.expect(paid === 70_000, `the edited amount is ${paid}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    return [runId];
  },
};
