import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { composeHold } from './compose.ts';

export const handler = composeHold(awsEnvironmentWithPeople());
