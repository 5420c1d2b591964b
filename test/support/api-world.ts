import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { marathon } from '../../lambdas/agents/marathon.ts';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import { createApi } from '../../lambdas/api/app.ts';
import type { ApiDeps } from '../../lambdas/api/deps.ts';
import { tokenIdentity } from '../../lambdas/api/identity.ts';
import { hold } from '../../lambdas/hold/hold.ts';
import { digest } from '../../lambdas/journal/digest.ts';
import { Journal } from '../../lambdas/journal/journal.ts';
import { actionId, runKey, turnKey } from '../../lambdas/journal/keys.ts';
import type { Action, BodyOf } from '../../lambdas/journal/records.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import type { JsonObject } from '../../lambdas/json.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import type { Where } from '../../lambdas/observe/report.ts';
import { listedDirectory } from '../../lambdas/oversight/directory.ts';
import { createLinks } from '../../lambdas/oversight/links.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import type { Ruling, Tier } from '../../lambdas/policy/ruling.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import { ToolBox } from '../../lambdas/tools/tool-box.ts';
import type { Delivered } from '../../lambdas/workflow.ts';
import { createDynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';

export const PEOPLE = [
  { id: 'sam', name: 'Sam (support)', groups: ['support'] },
  { id: 'lena', name: 'Lena (support lead)', groups: ['support-leads'] },
  { id: 'leo', name: 'Leo (support lead)', groups: ['support-leads'] },
  { id: 'frida', name: 'Frida (finance)', groups: ['finance'] },
  { id: 'otto', name: 'Otto (operations)', groups: ['operations'] },
  { id: 'olivia', name: 'Olivia (owns the agent)', groups: ['support-leads', 'operations'] },
  { id: 'nobody', name: 'Nora', groups: [] },
];

/** A task token as Step Functions would make one: it must be in no answer. */
export const MARKER = 'MARKER-TOKEN-e7c1';

export const REFUND = {
  customerId: 'C-1001',
  orderId: 'O-5001',
  amountMinor: 12_000,
  currency: 'EUR',
  reason: 'Headphones were sent back',
};

export interface Question {
  readonly tool?: string;
  readonly args?: JsonObject;
  readonly route?: string;
  readonly tier?: Tier;
  readonly requester?: string;
  readonly said?: string;
  readonly input?: string;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The API over the real journal and rows in memory, with runs that wait for people; Step Functions is a notebook. */
export async function createWorld(options: Partial<ApiDeps> = {}) {
  const database = await createDynamoDB();
  await database.createTables(TABLE_SPECS);
  const dynamodb = DynamoDBDocumentClient.from(database.client(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const customers = SAMPLE_CUSTOMERS.map((Item) => new PutCommand({ TableName: TABLES.customers, Item }));
  await Promise.all(customers.map((put) => dynamodb.send(put)));

  const clock = { ms: Date.parse('2026-11-23T06:40:00.000Z') };
  const now = () => new Date(clock.ms);
  const journal = new Journal({ dynamodb, table: TABLES.journal, now });
  const rows = new Rows({ dynamodb, table: TABLES.rows });
  const tools = new ToolBox({
    agents: [support, marathon],
    dynamodb,
    env: { CUSTOMERS_TABLE: TABLES.customers },
  });
  const delivered: (Delivered & { token: string })[] = [];
  const started: string[] = [];
  const workflow: ApiDeps['workflow'] = {
    start: async (runId, exec) => void started.push(`${runId}-${exec}`),
    status: async () => 'running',
    deliver: async (token, what) => {
      delivered.push({ token, ...what });
      return 'taken';
    },
  };
  const keys = [{ id: 'k1', secret: new Uint8Array(48).fill(7) }];
  const links = createLinks(keys, now);
  const priceOf = readPrices();
  const tokens = Object.fromEntries(PEOPLE.map(({ id }) => [id, `token-of-${id}-0123456789`]));
  const reports: { event: string; where: Where | undefined }[] = [];
  const deps: ApiDeps = {
    journal,
    rows,
    workflow,
    directory: listedDirectory(PEOPLE),
    routes,
    tools,
    links: async () => links,
    secret: async () => new Uint8Array(32).fill(9),
    identity: tokenIdentity({ ...tokens, stranger: 'token-of-a-stranger-0123456789' }),
    models: { default: 'scripted:refund', has: (name) => name.startsWith('scripted:') },
    policyVersion: () => 'p'.repeat(64),
    priceOf,
    report: (event, where) => void reports.push({ event, where }),
    now,
    ...options,
  };
  const api = createApi(deps);

  const actionOf = ({ tool = 'issue_refund', args = REFUND, ...of }: Question): Action => {
    const definition = tools.find('support', tool).tool;
    const ruling: Ruling = {
      decision: 'hold',
      route: of.route ?? 'support-lead',
      tier: of.tier ?? 'medium',
      policyVersion: 'p'.repeat(64),
      policies: ['refund-held'],
      reason: 'refunds above 50.00 are held',
    };
    const named = { tool, toolVersion: definition.version, args: args as never };
    return { ...named, digest: digest({ agent: 'support', ...named }), ruling };
  };

  /** A run whose first turn asks these questions at once; the holds are open. */
  const ask = async (...questions: readonly Question[]) => {
    const [first = {}] = questions;
    const startedRun = await startRun(
      { journal, rows, workflow, policyVersion: 'p', priceOf, now },
      {
        agent: support,
        input: first.input ?? 'Please refund C-1001 120.00 EUR.',
        model: 'scripted:refund',
        requester: first.requester ?? 'sam',
      },
    );
    if (startedRun.as !== 'started') throw new Error('not started');
    const { runId } = startedRun;
    const run = (await journal.get(runId, [runKey])).get('run');
    const turn = {
      kind: 'turn' as const,
      turn: 1,
      text: first.said ?? 'The order is fine, so I refund it.',
      actions: (questions.length > 0 ? questions : [{}]).map(actionOf),
      usage: { input: 1, output: 1 },
    };
    await journal.put(runId, turnKey(1), turn, [run]);
    const holds = await Promise.all(
      turn.actions.map(async (_, index) => {
        const step = {
          actionId: actionId(1, index),
          next: 'hold' as const,
          hold: 0,
          seconds: 1,
          function: 'f',
        };
        const token = `${MARKER}-${runId}-${index}`;
        const made = { journal, rows, routes, tools, workflow, notify: async () => {}, processId: 'p1', now };
        const opened = await hold(made, { runId, exec: 1, taken: 0, step, token });
        return opened.holdId;
      }),
    );
    return { runId, holds, holdId: holds[0] ?? '' };
  };

  const as = (who: string, init: RequestInit = {}): RequestInit => ({
    ...init,
    headers: { authorization: `Bearer ${tokens[who] ?? who}`, ...init.headers },
  });
  const get = (path: string, who: string) => api.request(path, as(who));
  const post = (path: string, who: string, json: unknown, headers: Record<string, string> = {}) =>
    api.request(
      path,
      as(who, {
        method: 'POST',
        body: typeof json === 'string' ? json : JSON.stringify(json),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  const vote = async (holdId: string, who: string, ballot: object) => {
    const { digest: shown, challenge } = (await (await get(`/holds/${holdId}`, who)).json()) as {
      digest: string;
      challenge?: string;
    };
    return post(`/holds/${holdId}/votes`, who, {
      digest: shown,
      ...(challenge ? { challenge } : {}),
      ...ballot,
    });
  };
  const votesOf = async (runId: string): Promise<BodyOf<'vote'>[]> =>
    (await journal.list(runId, 'oversight')).flatMap(({ body }) => (body.kind === 'vote' ? [body] : []));

  return {
    api,
    deps,
    dynamodb,
    journal,
    rows,
    links,
    clock,
    tokens,
    delivered,
    started,
    reports,
    ask,
    get,
    post,
    vote,
    votesOf,
    close: () => database.close(),
  };
}
