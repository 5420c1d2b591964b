import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { awsNotifier } from '../notify/aws-notifier.ts';
import { observed } from '../observe/deployed.ts';
import { composeHold } from './compose.ts';

export const handler = observed(composeHold(awsEnvironmentWithPeople(awsNotifier())));
