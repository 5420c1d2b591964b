import type { Context } from 'aws-lambda';
import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { awsNotifier } from '../notify/aws-notifier.ts';
import { observed } from '../observe/deployed.ts';
import { composeReconcile } from './compose.ts';
import { measure } from './measure.ts';

const environment = awsEnvironmentWithPeople(awsNotifier());
const reconcile = composeReconcile(environment);

/** Called by the schedule: its event says nothing that matters. The pass ends before this function is ended. */
export const handler = observed(async (_event: unknown, context: Context) => {
  const waiting = await measure(environment.rows, environment.now());
  const pass = await reconcile({ leftMs: () => context.getRemainingTimeInMillis() });
  const { runs, holds, lagSeconds } = pass;
  const counts = { ReconcilerRuns: 1, ReconcilerDue: runs + holds, ReconcilerLag: lagSeconds };
  environment.report('reconciled', { ...pass }, { ...waiting, ...counts });
  return pass;
});
