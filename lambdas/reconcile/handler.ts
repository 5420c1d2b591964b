import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { composeReconcile } from './compose.ts';

const reconcile = composeReconcile(awsEnvironmentWithPeople());

/** Called by the schedule: its event says nothing that matters. */
export const handler = () => reconcile();
