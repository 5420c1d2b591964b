import { readPrices } from '../../lambdas/model/prices.ts';
import { loadScenario } from '../../lambdas/model/scenario-files.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Core } from './core.ts';

/** On a data folder that has no run yet: Sam asks the scripted model for the refund of the README. */
export async function startSampleRun({ environment }: Core): Promise<void> {
  if ((await environment.rows.newest({ limit: 1 })).items.length > 0) return;
  const scenario = loadScenario('refund');
  const agent = environment.tools.agent(scenario.agent);
  if (!agent) return;
  const deps = {
    ...environment,
    workflow: environment.workflow(),
    priceOf: readPrices(environment.env.HOLDPOINT_PRICES),
    policyVersion: environment.gate().policyVersion,
  };
  const model = environment.env.HOLDPOINT_MODEL || 'scripted:refund';
  await startRun(deps, { agent, input: scenario.input, model, requester: 'sam' });
}
