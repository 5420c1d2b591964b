import { AccountRecovery, Mfa, UserPool, type UserPoolClient, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import { Aws, Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Lifetime } from './lifetime.ts';

export interface UsersProps extends Lifetime {
  /** One for each group that a route names. */
  readonly groups: readonly string[];
  readonly mfa: 'optional' | 'required';
}

/** Those who sign in to ask for runs and to decide; an administrator invites them. */
export class Users extends Construct {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
  /** Who issues the tokens. Composed, because emulators do not know the attribute that says it. */
  readonly issuer: string;

  constructor(scope: Construct, id: string, props: UsersProps) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { username: true, email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: props.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      removalPolicy: props.removalPolicy,
      deletionProtection: props.deletionProtection,
    });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'Whether a second factor is required is the deployer’s choice: -c holdpoint:mfa=required.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'The Plus plan is billed by user; the pool works the same on it, and can be raised to it at any time.',
      },
    );
    this.issuer = `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.pool.userPoolId}`;
    this.client = this.pool.addClient('Client', {
      authFlows: { userSrp: true, userPassword: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
    });
    for (const groupName of props.groups)
      new UserPoolGroup(this, groupName, { userPool: this.pool, groupName });
  }
}
