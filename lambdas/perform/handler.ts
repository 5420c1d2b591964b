import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { observed } from '../observe/deployed.ts';
import { composePerform } from './compose.ts';

export const handler = observed(composePerform(awsEnvironmentWithPeople()));
