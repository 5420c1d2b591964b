import { awsEnvironment } from '../aws-environment.ts';
import { observed } from '../observe/deployed.ts';
import { composePlan } from './compose.ts';

export const handler = observed(composePlan(awsEnvironment()));
