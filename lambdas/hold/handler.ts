import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { awsNotifier } from '../notify/aws-notifier.ts';
import { composeHold } from './compose.ts';

export const handler = composeHold(awsEnvironmentWithPeople(awsNotifier()));
