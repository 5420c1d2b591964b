import { handle } from 'hono/aws-lambda';
import { awsEnvironmentWithPeople } from '../aws-people.ts';
import { awsNotifier } from '../notify/aws-notifier.ts';
import { observed } from '../observe/deployed.ts';
import { composeApi } from './compose.ts';
import { cognitoIdentity, type Identity } from './identity.ts';

const environment = awsEnvironmentWithPeople(awsNotifier());
const { COGNITO_ISSUER: issuer, COGNITO_CLIENT_ID: clientId, AWS_ENDPOINT_URL: endpoint } = environment.env;
/** Without a user pool nobody signs in: people decide by their links alone. */
const identity: Identity =
  issuer && clientId
    ? cognitoIdentity({ issuer, clientId, ...(endpoint ? { endpoint } : {}) })
    : async () => undefined;

export const handler = observed(handle(composeApi(environment, { identity })));
