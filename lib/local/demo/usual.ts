import type { Notice } from '../../../lambdas/notify/notify.ts';
import type { RunView } from '../../../lambdas/runs/run-schema.ts';
import { type Choice, decideByLink } from '../approver.ts';
import type { Demo } from './demo.ts';
import type { Hands } from './hands.ts';

/** Those who are asked decide all alike, one after the other, as soon as they are told. */
export const usual = (decide: 'approve' | 'reject'): Demo => ({
  play: async (hands) => {
    const choice: Choice =
      decide === 'approve' ? { decision: 'approve' } : { decision: 'reject', comment: 'Not this time' };
    const runId = await hands.start();
    let told = 0;
    const run = await hands.until(runId, 'the run has ended', ({ endedAt }) => {
      for (const notice of hands.notices.slice(told)) void decideAll(hands, notice, choice);
      told = hands.notices.length;
      return endedAt !== undefined;
    });
    await check(hands, run, decide);
    return [runId];
  },
});

async function decideAll(hands: Hands, { approvers }: Notice, choice: Choice): Promise<void> {
  for (const { link } of approvers) {
    const { status, heading } = await decideByLink(link, choice);
    hands.expect(status === 200 || status === 409, `the form was answered with ${status}: ${heading}`);
  }
}

/** What was asked about has happened once, or not at all. */
async function check(hands: Hands, run: RunView, decide: 'approve' | 'reject'): Promise<void> {
  hands.expect(run.status === 'finished', `the run is ${run.status}`);
  const wanted = decide === 'approve' ? 'succeeded' : 'not performed';
  const held = run.actions.filter(({ holds }) => holds.some(({ asks }) => asks === 'approval'));
  const { effects } = await hands.ledger();
  for (const { actionId, effect } of held) {
    hands.expect(
      effect?.outcome === wanted,
      `${actionId} is ${effect?.outcome ?? 'undecided'}, not ${wanted}`,
    );
    const count = effects.filter(({ key }) => key?.startsWith(`${run.runId}.${actionId}.`)).length;
    hands.expect(count <= (decide === 'approve' ? 1 : 0), `${actionId} had ${count} effects`);
  }
}
