import { awsEnvironment } from '../aws-environment.ts';
import { composePerform } from './compose.ts';

export const handler = composePerform(awsEnvironment());
