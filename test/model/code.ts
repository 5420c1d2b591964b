/**
 * The code that the model runs: the functions of `lambdas/`, or a copy of that folder with one thing broken.
 * Everything comes from one folder, so that a copy shares no class with the original.
 */
export async function loadCode(folder: string) {
  const load = async <M>(path: string) => (await import(/* @vite-ignore */ `${folder}/${path}`)) as M;
  const [errors, journal, rows, verify, deliver, vote, plan, hold, expire, perform, reconcile] =
    await Promise.all([
      load<typeof import('../../lambdas/errors.ts')>('errors.ts'),
      load<typeof import('../../lambdas/journal/journal.ts')>('journal/journal.ts'),
      load<typeof import('../../lambdas/journal/rows.ts')>('journal/rows.ts'),
      load<typeof import('../../lambdas/journal/verify.ts')>('journal/verify.ts'),
      load<typeof import('../../lambdas/tools/tool-box.ts')>('tools/tool-box.ts'),
      load<typeof import('../../lambdas/oversight/vote.ts')>('oversight/vote.ts'),
      load<typeof import('../../lambdas/plan/plan.ts')>('plan/plan.ts'),
      load<typeof import('../../lambdas/hold/hold.ts')>('hold/hold.ts'),
      load<typeof import('../../lambdas/expire/expire.ts')>('expire/expire.ts'),
      load<typeof import('../../lambdas/perform/perform.ts')>('perform/perform.ts'),
      load<typeof import('../../lambdas/reconcile/reconcile.ts')>('reconcile/reconcile.ts'),
    ]);
  const [start, cancel] = await Promise.all([
    load<typeof import('../../lambdas/runs/start-run.ts')>('runs/start-run.ts'),
    load<typeof import('../../lambdas/runs/cancel-run.ts')>('runs/cancel-run.ts'),
  ]);
  return {
    NothingHappened: errors.NothingHappened,
    Journal: journal.Journal,
    Rows: rows.Rows,
    ToolBox: deliver.ToolBox,
    verify: verify.verify,
    castVote: vote.castVote,
    plan: plan.plan,
    hold: hold.hold,
    expire: expire.expire,
    perform: perform.perform,
    reconcile: reconcile.reconcile,
    startRun: start.startRun,
    cancelRun: cancel.cancelRun,
  };
}

export type Code = Awaited<ReturnType<typeof loadCode>>;

export const LAMBDAS = new URL('../../lambdas', import.meta.url).pathname;
