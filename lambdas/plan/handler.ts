import { awsEnvironment } from '../aws-environment.ts';
import { composePlan } from './compose.ts';

export const handler = composePlan(awsEnvironment());
