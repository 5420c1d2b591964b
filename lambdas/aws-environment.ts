import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { application as deployed } from '#application';
import type { Application } from './application.ts';
import { type Environment, environment } from './environment.ts';
import { type Notifier, silent } from './notify/notify.ts';
import { report } from './observe/deployed.ts';
import { type Directory, listedDirectory } from './oversight/directory.ts';
import type { LinkKeys } from './oversight/links.ts';
import type { Routes } from './oversight/route.ts';

const Members = z.array(
  z.object({ id: z.string(), name: z.string(), groups: z.array(z.string()), email: z.string().optional() }),
);
const Limits = z.record(z.string(), z.int());
const Keys = z.object({ keys: z.array(z.object({ id: z.string(), secret: z.string().min(32) })).min(1) });

type Env = Readonly<Record<string, string | undefined>>;
export type DirectoryOf = (env: Env, routes: Routes) => Directory;

/**
 * Throttled and lost requests are sent again with full jitter, half a second more each time that they are throttled
 * (`standard`), so no more than 3.5 s of waiting: well within every function's time limit, and what still fails is a
 * throw, which the definition retries with back-off, or the reconciler makes up for (F11, F23). `adaptive` would hold
 * back a whole warm function for one busy partition.
 */
const RETRIES = { retryMode: 'standard', maxAttempts: 4 } as const;

/** Open questions of one agent and requester that people are told of one by one; more are bundled each minute (T5). */
const ONE_BY_ONE = 5;

/** The environment of a function on AWS, from its environment variables; of one that notifies, with its notifier. */
export function awsEnvironment(
  env: Env = process.env,
  directoryOf: DirectoryOf = listedPeople,
  notifier: Notifier = silent,
  { agents, routes, suspiciousRoute }: Application = deployed,
): Environment {
  return environment({
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(RETRIES), {
      marshallOptions: { removeUndefinedValues: true },
    }),
    sfn: new SFNClient(RETRIES),
    env: env.SANDBOX_URL ? { ...env, SANDBOX_URL: absolute(env.SANDBOX_URL, env) } : env,
    agents,
    routes: limited(routes, Limits.parse(JSON.parse(env.HOLDPOINT_ROUTE_LIMITS ?? '{}'))),
    suspiciousRoute,
    directory: directoryOf(env, routes),
    notifier,
    oneByOne: ONE_BY_ONE,
    linkKeys: () => readLinkKeys(env.LINK_KEYS_SECRET),
    now: () => new Date(),
    report,
    processId: randomUUID(),
    // Whether another function's process still runs cannot be seen: its deadline decides.
    isGone: () => false,
  });
}

/** Those whom the environment lists; nobody where it lists none. */
export function listedPeople({ HOLDPOINT_APPROVERS: listed = '[]' }: Env): Directory {
  return listedDirectory(Members.parse(JSON.parse(listed)));
}

/** Where an emulator is reached, it tells only the functions that it runs: what it serves is named by a path. */
const absolute = (url: string, env: Env): string => new URL(url, env.AWS_ENDPOINT_URL).href;

const limited = (table: Routes, limits: Readonly<Record<string, number>>): Routes =>
  Object.fromEntries(
    Object.entries(table).map(([name, route]) => [
      name,
      { ...route, limitSeconds: limits[name] ?? route.limitSeconds },
    ]),
  );

async function readLinkKeys(secretId: string | undefined): Promise<LinkKeys> {
  if (!secretId) throw new Error('the environment variable LINK_KEYS_SECRET is not set');
  const { readSecret } = await import('./aws-secret.ts');
  return parseLinkKeys(await readSecret(secretId));
}

/** Keys as `{"keys": [{id, secret}]}`, the first one signing; a plain text is one key. */
export function parseLinkKeys(text: string): LinkKeys {
  const bytes = (secret: string) => new TextEncoder().encode(secret);
  if (!text.startsWith('{')) return [{ id: 'k1', secret: bytes(z.string().min(32).parse(text)) }];
  return Keys.parse(JSON.parse(text)).keys.map(({ id, secret }) => ({ id, secret: bytes(secret) }));
}
