/**
 * The code that recorded runs are replayed on: the functions of `lambdas/`, or a copy of that folder with one thing
 * changed. Everything comes from one folder, so that a copy shares no class with the original.
 */
export async function loadCode(folder: string) {
  const load = async <M>(path: string) => (await import(/* @vite-ignore */ `${folder}/${path}`)) as M;
  const [digest, errors, journal, keys, records, rows, verify] = await Promise.all([
    load<typeof import('../../lambdas/journal/digest.ts')>('journal/digest.ts'),
    load<typeof import('../../lambdas/errors.ts')>('errors.ts'),
    load<typeof import('../../lambdas/journal/journal.ts')>('journal/journal.ts'),
    load<typeof import('../../lambdas/journal/keys.ts')>('journal/keys.ts'),
    load<typeof import('../../lambdas/journal/records.ts')>('journal/records.ts'),
    load<typeof import('../../lambdas/journal/rows.ts')>('journal/rows.ts'),
    load<typeof import('../../lambdas/journal/verify.ts')>('journal/verify.ts'),
  ]);
  const [start, cancel, view, stand, steps, plan, hold, perform, reconcile] = await Promise.all([
    load<typeof import('../../lambdas/runs/start-run.ts')>('runs/start-run.ts'),
    load<typeof import('../../lambdas/runs/cancel-run.ts')>('runs/cancel-run.ts'),
    load<typeof import('../../lambdas/runs/run-view.ts')>('runs/run-view.ts'),
    load<typeof import('../../lambdas/reconcile/run-stand.ts')>('reconcile/run-stand.ts'),
    load<typeof import('../../lambdas/steps.ts')>('steps.ts'),
    load<typeof import('../../lambdas/plan/plan.ts')>('plan/plan.ts'),
    load<typeof import('../../lambdas/hold/hold.ts')>('hold/hold.ts'),
    load<typeof import('../../lambdas/perform/perform.ts')>('perform/perform.ts'),
    load<typeof import('../../lambdas/reconcile/reconcile-run.ts')>('reconcile/reconcile-run.ts'),
  ]);
  const [vote, settle, grants, standing, directory, routes, gate, agents, tools] = await Promise.all([
    load<typeof import('../../lambdas/oversight/vote.ts')>('oversight/vote.ts'),
    load<typeof import('../../lambdas/oversight/settle.ts')>('oversight/settle.ts'),
    load<typeof import('../../lambdas/oversight/grants.ts')>('oversight/grants.ts'),
    load<typeof import('../../lambdas/oversight/standing.ts')>('oversight/standing.ts'),
    load<typeof import('../../lambdas/oversight/directory.ts')>('oversight/directory.ts'),
    load<typeof import('../../lambdas/oversight/routes.ts')>('oversight/routes.ts'),
    load<typeof import('../../lambdas/policy/gate.ts')>('policy/gate.ts'),
    load<typeof import('../../lambdas/agents/support.ts')>('agents/support.ts'),
    load<typeof import('../../lambdas/tools/tool-box.ts')>('tools/tool-box.ts'),
  ]);
  return {
    ...digest,
    ...errors,
    ...journal,
    ...keys,
    ...records,
    ...rows,
    ...verify,
    ...start,
    ...cancel,
    ...view,
    ...stand,
    ...steps,
    ...plan,
    ...hold,
    ...perform,
    ...reconcile,
    ...vote,
    ...settle,
    ...grants,
    ...standing,
    ...directory,
    ...routes,
    ...gate,
    ...agents,
    ...tools,
  };
}

export type Code = Awaited<ReturnType<typeof loadCode>>;
