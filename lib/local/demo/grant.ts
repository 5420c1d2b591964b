import type { RunView } from '../../../lambdas/runs/run-schema.ts';
import type { Demo } from './demo.ts';

const HOUR_MS = 3_600_000;

/** Lena allows two such refunds in advance. One is used; then she revokes it, and the next one is asked about again. */
export const grant: Demo = {
  play: async (hands) => {
    const given = await hands.api('POST', '/grants', 'lena', {
      agent: 'support',
      tool: 'issue_refund',
      limits: { amountMinor: { max: 10_000 }, customerId: { in: ['C-1002'] } },
      until: new Date(Date.now() + HOUR_MS).toISOString(),
      uses: 2,
      reason: 'The recall of the coffee machines',
    });
    const { grantId } = given.json;
    hands.expect(given.status === 201, `the grant was answered with ${JSON.stringify(given)}`);
    const first = await hands.start();
    const used = refundOf(await hands.ended(first));
    const named = used?.ruling.decision === 'allow' ? used.ruling.grant : undefined;
    hands.expect(named === grantId && used?.holds.length === 0, 'the ruling does not name the grant');
    hands.expect(used?.effect?.outcome === 'succeeded', `with the grant it is ${used?.effect?.outcome}`);
    const { json: listed } = await hands.api('GET', '/grants', 'lena');
    hands.expect(listed.items[0]?.usesLeft === 1, `uses left: ${listed.items[0]?.usesLeft}`);

    const revoked = await hands.api('DELETE', `/grants/${grantId}`, 'lena');
    hands.expect(revoked.status === 204, `revoking was answered with ${revoked.status}`);
    const second = await hands.start();
    const [hold] = await hands.open(second);
    await hands.byLink('lena', hold?.holdId ?? '', { decision: 'reject', comment: 'The recall is over' });
    const asked = refundOf(await hands.ended(second));
    hands.expect(asked?.ruling.decision === 'hold', `after revoking the ruling is ${asked?.ruling.decision}`);
    hands.expect(asked?.effect?.outcome === 'not performed', `then it is ${asked?.effect?.outcome}`);
    const counts = [await hands.effects(first), await hands.effects(second)];
    hands.expect(counts.join() === '1,0', `effects: ${counts.join(', ')}`);
    return [first, second];
  },
};

const refundOf = (run: RunView) => run.actions.find(({ tool }) => tool === 'issue_refund');
