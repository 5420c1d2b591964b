import { awsEnvironment } from '../aws-environment.ts';
import { composeExpire } from './compose.ts';

export const handler = composeExpire(awsEnvironment());
