import {
  type CognitoIdentityProviderClient,
  ListUsersInGroupCommand,
  ResourceNotFoundException,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { Retryable } from '../errors.ts';
import { type Directory, listedDirectory, type Member } from './directory.ts';

/** So long serves what was read: whoever leaves a group counts as one of it for no longer. */
export const CACHE_MS = 5_000;

export interface CognitoDirectoryOptions {
  readonly cognito: CognitoIdentityProviderClient;
  readonly userPoolId: string;
  /** Those that routes name. Who is in none of them is nobody here. */
  readonly groups: readonly string[];
  readonly now: () => Date;
}

/**
 * Who is in the groups of a Cognito user pool. A member's id is the `sub`, which stays with a user and is never given
 * to another; the name that they sign in with may be.
 * @throws Retryable where the pool does not answer, so that nothing is approved and nothing is lost (F30)
 */
export function cognitoDirectory(options: CognitoDirectoryOptions): Directory {
  let read: { readonly at: number; readonly directory: Promise<Directory> } | undefined;
  const directory = (): Promise<Directory> => {
    const at = options.now().getTime();
    if (read && at - read.at < CACHE_MS) return read.directory;
    const next = { at, directory: readPool(options) };
    next.directory.catch(() => {
      if (read === next) read = undefined;
    });
    read = next;
    return next.directory;
  };
  return {
    find: async (id) => (await directory()).find(id),
    members: async (groups) => (await directory()).members(groups),
  };
}

async function readPool(options: CognitoDirectoryOptions): Promise<Directory> {
  const members = new Map<string, Member>();
  try {
    for (const group of options.groups) {
      for (const user of await usersIn(group, options)) {
        const id = attribute(user, 'sub');
        // A user that is disabled, or that says too little of itself, may do nothing.
        if (id === undefined || user.Enabled !== true) continue;
        const groups = [...(members.get(id)?.groups ?? []), group];
        const name = attribute(user, 'name') ?? user.Username ?? id;
        const email = attribute(user, 'email_verified') === 'true' ? attribute(user, 'email') : undefined;
        members.set(id, { id, name, groups, ...(email === undefined ? {} : { email }) });
      }
    }
  } catch (cause) {
    throw new Retryable('the directory of approvers does not answer', { cause });
  }
  return listedDirectory([...members.values()]);
}

/** @see https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsersInGroup.html */
async function usersIn(group: string, { cognito, userPoolId }: CognitoDirectoryOptions): Promise<UserType[]> {
  const users: UserType[] = [];
  let next: string | undefined;
  try {
    do {
      const page = await cognito.send(
        new ListUsersInGroupCommand({
          UserPoolId: userPoolId,
          GroupName: group,
          Limit: 60,
          ...(next === undefined ? {} : { NextToken: next }),
        }),
      );
      users.push(...(page.Users ?? []));
      next = page.NextToken;
    } while (next !== undefined);
  } catch (error) {
    // A group that the pool does not have has nobody in it.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return users;
}

const attribute = ({ Attributes = [] }: UserType, name: string): string | undefined =>
  Attributes.find(({ Name }) => Name === name)?.Value;
