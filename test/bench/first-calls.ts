import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import { environment } from '../../lambdas/environment.ts';
import { composeHold } from '../../lambdas/hold/compose.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { silent } from '../../lambdas/notify/notify.ts';
import { listedDirectory } from '../../lambdas/oversight/directory.ts';
import { routes, suspiciousRoute } from '../../lambdas/oversight/routes.ts';
import { composePerform } from '../../lambdas/perform/compose.ts';
import { composePlan } from '../../lambdas/plan/compose.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Planned } from '../../lambdas/workflow.ts';
import { createDynamoDB } from '../../lib/local/dynamodb.ts';
import { TABLE_SPECS, TABLES } from '../../lib/local/layout.ts';

export interface FirstCall {
  readonly event: unknown;
  readonly env: Readonly<Record<string, string>>;
}

export interface FirstCalls {
  /** A call of a function that does what its first one usually does, each time of a run of its own. */
  of(name: string): Promise<FirstCall>;
  close(): Promise<void>;
}

/** What each function's first call is here, where nothing is beyond this machine. */
export const SAYS: Readonly<Record<string, string>> = {
  plan: 'the first turn of a run: a scripted model, one ruling, one record',
  perform: 'lookup_customer: checks, a ruling, a read, its result',
  hold: 'opens a hold: its token, its record, links for those who may decide',
  expire: 'looks at a hold whose time is not up',
  api: 'the page behind a link',
  reconcile: 'a round with nothing due',
  sandbox: 'the empty ledger',
};

const SECRET = 's'.repeat(64);
const TOOL = 'lookup_customer';
const APPROVERS = [{ id: 'lena', name: 'Lena', groups: ['support-leads'] }];
const EMPTY = { rows: 'no-rows', ledger: 'ledger' };
const ARN = 'arn:aws:states:eu-central-1:000000000000:stateMachine:runs';

/** Tables over HTTP on the loopback interface, and runs in them that have come as far as a function's call. */
export async function openFirstCalls(): Promise<FirstCalls> {
  const database = await createDynamoDB();
  const [journal, rows] = TABLE_SPECS;
  if (!journal || !rows) throw new Error('there are no tables');
  await database.createTables([
    ...TABLE_SPECS,
    { ...rows, TableName: EMPTY.rows },
    { ...journal, TableName: EMPTY.ledger },
  ]);
  const secrets = await serveSecret();
  const dynamodb = DynamoDBDocumentClient.from(database.client(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  for (const Item of SAMPLE_CUSTOMERS)
    await dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item }));
  const names = Object.fromEntries(support.tools.map(({ name }) => [name, `perform-${name}`]));
  const env = {
    JOURNAL_TABLE: TABLES.journal,
    ROWS_TABLE: TABLES.rows,
    CUSTOMERS_TABLE: TABLES.customers,
    LEDGER_TABLE: EMPTY.ledger,
    STATE_MACHINE_ARN: ARN,
    PERFORM_FUNCTIONS: JSON.stringify(names),
    HOLDPOINT_TOOL: TOOL,
    HOLDPOINT_APPROVERS: JSON.stringify(APPROVERS),
    HOLDPOINT_MODELS: 'scripted:refund',
    LINK_KEYS_SECRET: 'links',
    PUBLIC_URL: 'https://holds.example.com',
    SANDBOX_URL: 'http://127.0.0.1:9',
  };
  const here = environment({
    dynamodb,
    sfn: new SFNClient({ region: 'eu-central-1' }),
    env,
    agents: [support],
    routes,
    suspiciousRoute,
    directory: listedDirectory(APPROVERS),
    notifier: silent,
    linkKeys: async () => [{ id: 'k1', secret: new TextEncoder().encode(SECRET) }],
    now: () => new Date(),
    report: () => {},
    processId: 'bench',
    isGone: () => false,
  });
  const plan = composePlan(here);
  const perform = composePerform(here, TOOL);
  const hold = composeHold(here);

  const started = async () => {
    const deps = {
      ...here,
      workflow: { ...here.workflow(), start: async () => {} },
      policyVersion: 'bench',
      priceOf: readPrices(),
    };
    const request = { agent: support, input: 'Refund it.', model: 'scripted:refund', requester: 'rita' };
    const made = await startRun(deps, request);
    if (made.as !== 'started') throw new Error(made.as);
    return { runId: made.runId, exec: 1, taken: 0 };
  };
  const toPerform = async () => plan(await started());
  const toHold = async (): Promise<Planned> => plan(await perform(await toPerform()));
  const opened = async () => {
    const position = await toHold();
    const { holdId } = await hold({ ...position, token: 'a token' });
    return { position, holdId };
  };
  const eventOf: Readonly<Record<string, () => Promise<unknown>>> = {
    plan: started,
    perform: toPerform,
    hold: async () => ({ ...(await toHold()), token: 'a token' }),
    expire: async () => (await opened()).position,
    api: async () => {
      const { position } = await opened();
      if (position.next !== 'hold') throw new Error(`the run is not held: ${position.next}`);
      const { actionId, hold: number } = position.step;
      const at = { runId: position.runId, actionId, hold: number };
      const link = await (await here.links()).sign(at, 'lena', new Date(Date.now() + 3_600_000));
      return getEvent(`/h/${link}`);
    },
    reconcile: async () => ({}),
    sandbox: async () => getEvent('/ledger'),
  };
  const surroundings = {
    ...env,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_DYNAMODB: await database.listen(),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    POWERTOOLS_SERVICE_NAME: 'bench',
  };
  return {
    of: async (name) => ({
      event: await (eventOf[name] ?? missing(name))(),
      env: name === 'reconcile' ? { ...surroundings, ROWS_TABLE: EMPTY.rows } : surroundings,
    }),
    close: async () => {
      secrets.close();
      await database.close();
    },
  };
}

const missing = (name: string) => (): never => {
  throw new Error(`there is no first call of ${name}`);
};

/** What API Gateway hands on. */
const getEvent = (path: string) => ({
  resource: '/{proxy+}',
  path,
  httpMethod: 'GET',
  headers: { Host: 'api.example.com' },
  multiValueHeaders: { Host: ['api.example.com'] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  requestContext: { resourcePath: '/{proxy+}', httpMethod: 'GET', path, stage: 'v1', identity: {} },
  body: null,
  isBase64Encoded: false,
});

async function serveSecret() {
  const server: Server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ Name: 'links', SecretString: SECRET }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close().closeAllConnections(),
  };
}
