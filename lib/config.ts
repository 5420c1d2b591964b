import type { Node } from 'constructs';
import * as z from 'zod';
import { Price } from '../lambdas/model/price.ts';

const PREFIX = 'holdpoint';

/** What a template must not hold cannot be configured here: a model that needs a key. */
const ModelSpec = z
  .string()
  .regex(
    /^(scripted|bedrock|openai-compatible):\S+$/,
    'must be bedrock:MODEL, scripted:NAME or openai-compatible:MODEL (a model that needs a key has no place in a template)',
  );

const Member = z.strictObject({
  /** Stable subject id: what records name and four-eyes compares. */
  id: z.string().min(1),
  name: z.string().min(1),
  groups: z.array(z.string().min(1)).min(1),
  /** Where they are mailed what waits for them; nobody else is. */
  email: z.email().optional(),
});

/** The command line gives text where cdk.json gives values. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'must be true or false',
});
const list = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
    z.array(item).min(1),
  );
const json = <T extends z.ZodType>(of: T) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  }, of);
const baseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653];

const SECRET_ARN = /^arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:\S+-\w{6}$/;

/** All environment variables of a function together may have 4 KB. */
const MOST_APPROVER_CHARS = 3_000;

const Config = z.strictObject({
  /** Models that a run may ask for; the first one is used where it asks for none. */
  models: list(ModelSpec).default(['bedrock:global.anthropic.claude-sonnet-4-5-20250929-v1:0']),
  /** What a million tokens of a model cost, in millionths of a USD: a run with a spend limit needs to know. */
  modelPrices: json(z.record(z.string(), Price)).default({}),
  /** Base URL of the `openai-compatible` models. */
  modelBaseUrl: baseUrl.optional(),
  /** The approver directory: who may decide, in which groups. Default: the groups of the user pool. */
  approvers: json(z.array(Member))
    .refine((members) => JSON.stringify(members).length <= MOST_APPROVER_CHARS, {
      error: `must be at most ${MOST_APPROVER_CHARS} characters of JSON`,
    })
    .optional(),
  /** A name of the API's own, which its own address then gives way to; with a certificate for it in the stack's region. */
  domainName: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'must be a host name in lower case')
    .optional(),
  certificateArn: z
    .string()
    .regex(/^arn:[a-z-]+:acm:\S+:certificate\/\S+$/, 'must be the ARN of a certificate')
    .optional(),
  /** The zone in Route 53 that the name's records are put into. Default: they are put nowhere. */
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, 'must be the id of a hosted zone')
    .optional(),
  /** Base URL of links. Default: the API's own. */
  publicUrl: baseUrl.optional(),
  /** The downstream of the sample's tools. Default: a sandbox that is deployed with the sample. */
  sandboxUrl: baseUrl.optional(),
  /** What happens to tables, secret and logs when the stack is deleted. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
  /** Whether tables refuse to be deleted. Default: where they are retained. */
  deletionProtection: flag.optional(),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => RETENTION_DAYS.includes(days), { error: `must be one of ${RETENTION_DAYS.join(', ')}` })
    .default(90),
  /** Requests a second that the API accepts, and how many at once on top. */
  requestsPerSecond: z.coerce.number().int().min(1).max(10_000).default(50),
  burst: z.coerce.number().int().min(1).max(5_000).default(100),
  /** Whether a web ACL stands before the API, and how many requests it lets one address make within five minutes. */
  firewall: flag.default(false),
  requestsPerAddress: z.coerce.number().int().min(10).max(2_000_000_000).default(1_000),
  /** Whose key encrypts tables, secret and logs. Default: the account's own, which is made, but AWS's on an emulator. */
  encryption: z.enum(['account', 'aws']).optional(),
  /** Whether functions are called by an alias of their newest version. Default: yes, but not on an emulator. */
  aliases: flag.optional(),
  /** Second factor of those who sign in. */
  mfa: z.enum(['optional', 'required']).default('optional'),
  /** How long a person must have looked at what they approve, from tier high up. Default: 5, but 0 on an emulator. */
  dwellSeconds: z.coerce.number().int().min(0).max(600).optional(),
  /** Whether people sign in with Cognito, or decide by their links alone. Default: sign in, but not on an emulator. */
  signIn: z.enum(['cognito', 'links']).optional(),
  /** Seconds that a route waits, by its name, where that is not what the table of routes says. */
  routeLimits: json(z.record(z.string(), z.coerce.number().int().min(1).max(31_536_000))).default({}),
  /** Sender of mails with personal links, an address of a verified identity of SES. Default: nobody is mailed. */
  mailFrom: z.email().optional(),
  /** That identity: the address itself or a domain. Default: the sender's domain. */
  mailIdentity: z.union([z.email(), z.hostname()]).optional(),
  /** Whether a topic of SNS has a message for each notice. */
  noticeTopic: flag.default(false),
  /** The secret that has the address of an incoming webhook of Slack. Default: none is called. */
  slackWebhook: z
    .string()
    .regex(SECRET_ARN, 'must be the whole ARN of a secret of Secrets Manager')
    .optional(),
  /** The only hosts that a webhook may have. */
  webhookHosts: list(z.hostname()).default(['hooks.slack.com']),
  /** Name of the bus of EventBridge that is told what happens (docs/events.md). Default: none. */
  eventBus: z
    .string()
    .regex(/^[\w./-]{1,256}$/, 'must be the name of an event bus, such as default')
    .optional(),
  /** Topic that alarms are sent to, and their ends. Default: they are seen in CloudWatch alone. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'must be the ARN of an SNS topic')
    .optional(),
  /** X-Ray traces of the state machine and the functions. Default: on, but not on an emulator. */
  tracing: flag.optional(),
  /** Leaves out what an emulator lacks, and has functions built for this machine's processor. */
  emulator: flag.default(false),
});
export type Config = z.infer<typeof Config>;
export type ConfigInput = Partial<z.input<typeof Config>>;

export const CONFIG_KEYS: readonly string[] = Object.keys(Config.shape);

/** What only goes together. */
const Whole = Config.superRefine(({ domainName, certificateArn, hostedZoneId }, { addIssue }) => {
  const wrong = (key: keyof Config, message: string) => addIssue({ code: 'custom', path: [key], message });
  if (domainName && !certificateArn) wrong('certificateArn', 'must be there with domainName');
  if (certificateArn && !domainName) wrong('domainName', 'must be there with certificateArn');
  if (hostedZoneId && !domainName) wrong('domainName', 'must be there with hostedZoneId');
});

/**
 * What code says, over it the object `holdpoint` of the CDK context, as in cdk.json, and over that `-c holdpoint:KEY=VALUE`.
 * @throws Error naming every key that is wrong or unknown
 */
export function readConfig(node: Node, inCode: ConfigInput = {}): Config {
  const context = node.getAllContext() as Record<string, unknown>;
  const single = Object.entries(context)
    .filter(([key]) => key.startsWith(`${PREFIX}:`))
    .map(([key, value]) => [key.slice(PREFIX.length + 1), value]);
  const parsed = Whole.safeParse({
    ...inCode,
    ...(context[PREFIX] as object | undefined),
    ...Object.fromEntries(single),
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
    return `  ${keys.map((key) => `${PREFIX}:${key}`).join(', ')}: ${issue.message}`;
  });
  throw new Error(`CDK context:\n${problems.join('\n')}`);
}
