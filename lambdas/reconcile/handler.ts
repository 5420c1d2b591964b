import { awsEnvironment } from '../aws-environment.ts';
import { composeReconcile } from './compose.ts';

const reconcile = composeReconcile(awsEnvironment());

/** Called by the schedule: its event says nothing that matters. */
export const handler = () => reconcile();
