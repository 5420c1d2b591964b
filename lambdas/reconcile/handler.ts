import type { Context } from 'aws-lambda';
import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { awsNotifier } from '../notify/aws-notifier.ts';
import { composeReconcile } from './compose.ts';

const reconcile = composeReconcile(awsEnvironmentWithPeople(awsNotifier()));

/** Called by the schedule: its event says nothing that matters. The pass ends before this function is ended. */
export const handler = (_event: unknown, context: Context) =>
  reconcile({ leftMs: () => context.getRemainingTimeInMillis() });
