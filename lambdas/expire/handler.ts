import { awsEnvironment } from '../aws-environment.ts';
import { observed } from '../observe/deployed.ts';
import { composeExpire } from './compose.ts';

export const handler = observed(composeExpire(awsEnvironment()));
