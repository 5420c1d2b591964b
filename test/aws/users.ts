import { randomBytes } from 'node:crypto';
import { cognito } from './signed-call.ts';

export interface SignedIn {
  /** As the approver directory has them: the id is the subject of their tokens. */
  readonly member: { readonly id: string; readonly name: string; readonly groups: readonly string[] };
  readonly token: string;
}

/** What an administrator does for a new person, and then their first sign-in. */
export async function signUp(options: {
  readonly pool: string;
  readonly client: string;
  readonly name: string;
  readonly groups: readonly string[];
}): Promise<SignedIn> {
  const { pool: UserPoolId, client: ClientId, name: Username, groups } = options;
  const Password = `Aa1!${randomBytes(16).toString('base64url')}`;
  const UserAttributes = [{ Name: 'email', Value: `${Username}@example.com` }];
  await cognito('AdminCreateUser', { UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' });
  await cognito('AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true });
  for (const GroupName of groups) await cognito('AdminAddUserToGroup', { UserPoolId, Username, GroupName });
  const { AuthenticationResult } = await cognito<{ AuthenticationResult: { AccessToken: string } }>(
    'InitiateAuth',
    {
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    },
  );
  const token = AuthenticationResult.AccessToken;
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    sub: string;
  };
  return { member: { id: sub, name: Username, groups }, token };
}
