import { defineRoutes } from '../../../lambdas/oversight/check-routes.ts';
import { routes } from '../../../lambdas/oversight/routes.ts';
import type { Demo } from './demo.ts';

const usual = routes['support-lead'];

/** Nobody answers within the route's limit, here one second: the question goes on to the next route, unapproved. */
export const escalation: Demo = {
  routes: defineRoutes({ ...routes, ...(usual ? { 'support-lead': { ...usual, limitSeconds: 1 } } : {}) }),
  play: async (hands) => {
    const runId = await hands.start();
    const waited = await hands.until(runId, 'the question has gone on', ({ actions }) =>
      actions.some(({ holds }) => holds[1]?.settlement === null),
    );
    const asked = waited.actions.find(({ holds }) => holds.length > 0);
    const [first, second] = asked?.holds ?? [];
    hands.expect(first?.settlement === 'escalated', `the first level is ${first?.settlement}`);
    hands.expect(second?.route === 'finance', `the second level is for ${second?.route}`);
    hands.expect((await hands.effects(runId)) === 0, 'time passing has approved it');
    await hands.byLink('frida', second?.holdId ?? '', { decision: 'approve' });

    const run = await hands.ended(runId);
    const action = run.actions.find(({ actionId }) => actionId === asked?.actionId);
    hands.expect(action?.effect?.outcome === 'succeeded', `it is ${action?.effect?.outcome}`);
    hands.expect((await hands.effects(runId)) === 1, 'it did not happen exactly once');
    return [runId];
  },
};
