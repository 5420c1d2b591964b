import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { awsEnvironment, type DirectoryOf, listedPeople } from './aws-environment.ts';
import type { Environment } from './environment.ts';
import type { Notifier } from './notify/notify.ts';
import { cognitoDirectory } from './oversight/cognito-directory.ts';

/** As awsEnvironment, for functions that are told who people are: in the groups of a user pool, or as listed. */
export const awsEnvironmentWithPeople = (notifier?: Notifier): Environment =>
  awsEnvironment(process.env, people, notifier);

const people: DirectoryOf = (env, routes) => {
  const { HOLDPOINT_USER_POOL: userPoolId } = env;
  if (!userPoolId) return listedPeople(env);
  const cognito = new CognitoIdentityProviderClient({
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  const groups = [...new Set(Object.values(routes).flatMap((route) => route.groups))];
  return cognitoDirectory({ cognito, userPoolId, groups, now: () => new Date() });
};
