import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { composePerform } from './compose.ts';

export const handler = composePerform(awsEnvironmentWithPeople());
