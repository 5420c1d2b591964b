import { awsEnvironment } from '../aws-environment.ts';
import { composeHold } from './compose.ts';

export const handler = composeHold(awsEnvironment());
