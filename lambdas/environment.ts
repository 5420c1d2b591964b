import { hkdfSync } from 'node:crypto';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Agent } from './agents/agent.ts';
import { Journal } from './journal/journal.ts';
import { Rows } from './journal/rows.ts';
import type { Model } from './model/model.ts';
import type { Notifier } from './notify/notify.ts';
import { tellOf } from './observe/of-record.ts';
import type { Report } from './observe/report.ts';
import type { Directory } from './oversight/directory.ts';
import type { LinkKeys, Links } from './oversight/links.ts';
import type { Routes } from './oversight/route.ts';
import { createGate, type Gate } from './policy/gate.ts';
import { ToolBox } from './tools/tool-box.ts';
import { createWorkflow } from './workflow-client.ts';

/** What the surroundings give to every function: on AWS by its environment, on one machine by the local stack. */
export interface Surroundings {
  readonly dynamodb: DynamoDBDocumentClient;
  readonly sfn: SFNClient;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly agents: readonly Agent[];
  readonly routes: Routes;
  /** Where free text with odd characters is looked at, whatever the policy says. */
  readonly suspiciousRoute: string;
  readonly directory: Directory;
  readonly notifier: Notifier;
  /** How many open questions of one agent and requester people are told of one by one; more are bundled. @default all */
  readonly oneByOne?: number | undefined;
  /** @default the models that a specification names, such as `bedrock:ID` */
  readonly createModel?: (spec: string, env: Surroundings['env']) => Model;
  /** Keys of the links; asked for once, when first needed. */
  readonly linkKeys: () => Promise<LinkKeys>;
  readonly now: () => Date;
  /** Told of what happens: on AWS lines of a log, and metrics. */
  readonly report: Report;
  /** Names this process in its intents, and says of another whether it is certainly gone. */
  readonly processId: string;
  readonly isGone: (processId: string) => boolean;
  /** After how many rounds an execution is renewed. @default those that its history has room for */
  readonly roundsPerExecution?: number;
}

/** The surroundings with what every function makes of them. Each function takes what it needs. */
export function environment(around: Surroundings) {
  const { dynamodb, env, now } = around;
  const required = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
    return value;
  };
  let gate: Gate | undefined;
  let keys: Promise<LinkKeys> | undefined;
  const linkKeys = () => {
    keys ??= around.linkKeys().catch((error) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
  // Loaded by those who sign or open links.
  const links = async (): Promise<Links> => {
    const [read, { createLinks }] = await Promise.all([linkKeys(), import('./oversight/links.ts')]);
    return createLinks(read, now);
  };
  return {
    ...around,
    required,
    links,
    /** What pages sign with, from the links' keys. */
    pageSecret: async () => hkdf(await linkKeys()),
    journal: new Journal({ dynamodb, table: required('JOURNAL_TABLE'), now, onPut: tellOf(around.report) }),
    rows: new Rows({ dynamodb, table: required('ROWS_TABLE') }),
    tools: new ToolBox(around),
    workflow: () => createWorkflow({ sfn: around.sfn, stateMachineArn: env.STATE_MACHINE_ARN ?? '' }),
    /** Loads the policies: only for functions that rule. */
    gate: (): Gate => {
      gate ??= createGate({
        agents: around.agents,
        routes: around.routes,
        suspiciousRoute: around.suspiciousRoute,
        onError: (error) =>
          around.report('policy failed', { detail: error.message, error }, { PolicyErrors: 1 }),
        ...(env.HOLDPOINT_POLICIES ? { policies: env.HOLDPOINT_POLICIES } : {}),
      });
      return gate;
    },
  };
}

const hkdf = (keys: LinkKeys): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', keys[0]?.secret ?? '', '', 'holdpoint pages', 32));

export type Environment = ReturnType<typeof environment>;
