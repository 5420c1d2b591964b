import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import { support } from '../../lambdas/agents/support.ts';
import { Journal, record } from '../../lambdas/journal/journal.ts';
import { resultKey, turnKey } from '../../lambdas/journal/keys.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { readPrices } from '../../lambdas/model/prices.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { sharedEngine } from '../../lambdas/policy/engine.ts';
import { readLinted } from '../../lambdas/policy/linted.ts';
import { loadPolicies, readPolicies } from '../../lambdas/policy/load.ts';
import { startRun } from '../../lambdas/runs/start-run.ts';
import type { Workflow } from '../../lambdas/workflow-client.ts';
import { createDynamoDB, type DynamoDB } from '../../lib/local/dynamodb.ts';
import { functions, only } from './stack-roles.ts';
import { ofType, plain, type Synthesised, synthesise, WEBHOOK_SECRET } from './stack-template.ts';

/** Far from the sources, so that a bundle finds nothing but what it carries. */
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bundles-'));
const run = promisify(execFile);
const now = () => new Date();
const KB = 1024;
/** What each may weigh zipped; Cedar alone is 1,400 KB. All of zod instead of what is used of it would be 25 KB more. */
const MOST_KB = {
  plan: 1_850,
  api: 1_740,
  'perform lookup_customer': 1_625,
  hold: 230,
  expire: 170,
  reconcile: 230,
  events: 170,
} as const;
const NAMES = Object.keys(MOST_KB) as (keyof typeof MOST_KB)[];

const REGION = 'eu-central-1';
const inRegion = (text: string) =>
  text.replaceAll('AWS::Region', REGION).replaceAll('AWS::URLSuffix', 'amazonaws.com');

let stack: Synthesised;
let database: DynamoDB;
let endpoint: string;

beforeAll(async () => {
  stack = synthesise(
    {
      models: 'scripted:refund',
      mailFrom: 'holds@example.com',
      noticeTopic: true,
      slackWebhook: WEBHOOK_SECRET,
      eventBus: 'default',
    },
    { bundlesIn: folder },
  );
  database = await createDynamoDB();
  await database.createTables(
    ofType(stack.resources, 'AWS::DynamoDB::Table').map(([TableName, { Properties }]) => {
      const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = Properties;
      const indices = GlobalSecondaryIndexes && { GlobalSecondaryIndexes };
      return { TableName, KeySchema, AttributeDefinitions, ...indices };
    }),
  );
  endpoint = await database.listen();
}, 120_000);

afterAll(async () => {
  await database?.close();
  rmSync(folder, { recursive: true });
});

const deployed = (name: string) => functions(stack.resources).get(name) ?? expect.fail(`no function ${name}`);
const assetOf = (name: string) =>
  join(folder, `asset.${deployed(name).resource.Properties.Code.S3Key.replace(/\.zip$/, '')}`);

/** Runs code with a function's module as `bundle` and an event, in a process with nothing but its environment. */
async function inBundle(name: string, code: string, event: object = {}): Promise<unknown> {
  const { environment } = deployed(name);
  const entry = pathToFileURL(join(assetOf(name), 'index.js')).href;
  const body = `const [, entry, event] = process.argv; const bundle = await import(entry); console.log(JSON.stringify(${code}));`;
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module', '--eval', body, entry, JSON.stringify(event)],
    {
      cwd: folder,
      env: {
        ...Object.fromEntries(
          Object.entries(environment).map(([key, value]) => [key, inRegion(plain(value))]),
        ),
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://127.0.0.1:9',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        ANTHROPIC_API_KEY: 'none',
        HOLDPOINT_MODEL_BASE_URL: 'http://127.0.0.1:9',
      },
    },
  );
  // Lines of the log come before it.
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

const handle = (name: string, event: object) =>
  inBundle(name, "await bundle.handler(JSON.parse(event), { awsRequestId: 'test' })", event) as Promise<
    Record<string, never>
  >;

describe('bundles', () => {
  test.each(NAMES)('%s loads by itself, with the environment that the template gives it', async (name) => {
    const { resource } = deployed(name);
    expect(resource.Properties).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
    });
    expect(await inBundle(name, 'typeof bundle.handler')).toBe('function');
  });

  test.each(NAMES)('of %s, every file that is loaded later does load', async (name) => {
    const files = readdirSync(assetOf(name)).filter((file) => file.endsWith('.js') && file !== 'index.js');
    const folder = JSON.stringify(assetOf(name));
    const load = `(${JSON.stringify(files)}).map((file) => typeof require(${folder} + '/' + file))`;
    const require = "process.getBuiltinModule('node:module').createRequire(entry)";
    const loaded = await inBundle(name, `((require) => ${load})(${require})`);
    expect(files.length).toBeGreaterThan(0);
    expect(loaded).toEqual(files.map(() => 'object'));
  });

  test.each(NAMES)('%s is within its size', (name) => {
    const files = readdirSync(assetOf(name), { recursive: true, withFileTypes: true }).filter((f) =>
      f.isFile(),
    );
    const zipped = files.reduce(
      (sum, file) => sum + deflateRawSync(readFileSync(join(file.parentPath, file.name))).length,
      0,
    );
    const withCedar = files.some((file) => file.name.endsWith('.wasm'));
    expect(withCedar).toBe(['plan', 'api', 'perform lookup_customer'].includes(name));
    expect(zipped).toBeLessThanOrEqual(MOST_KB[name] * KB);
  });

  test.each(['plan', 'api', 'perform lookup_customer'])('%s has its policies linted already', (name) => {
    const folder = assetOf(name);
    const { linted } = loadPolicies(readPolicies(folder), {
      agents: [support],
      routes,
      engine: sharedEngine,
    });
    expect(readLinted(linted.of, folder)).toEqual(linted.policies);
  });

  test('all functions that perform run one bundle', () => {
    expect(new Set(support.tools.map((tool) => assetOf(`perform ${tool.name}`))).size).toBe(1);
  });
});

/** A run that is at its start, among the sample's customers. */
async function startedRun(model: string) {
  const dynamodb = DynamoDBDocumentClient.from(database.client());
  const table = (start: string) => only(stack.resources, 'AWS::DynamoDB::Table', start);
  const journal = new Journal({ dynamodb, table: table('HoldpointStoreJournal'), now });
  const rows = new Rows({ dynamodb, table: table('HoldpointStoreRows') });
  const workflow: Workflow = {
    start: async () => {},
    status: async () => 'running',
    deliver: async () => 'taken',
  };
  for (const Item of SAMPLE_CUSTOMERS)
    await dynamodb.send(new PutCommand({ TableName: table('Customers'), Item }));
  const started = await startRun(
    { journal, rows, workflow, policyVersion: 'test', priceOf: readPrices(), now },
    { agent: support, input: 'Refund it.', model, requester: 'rita' },
  );
  return { runId: started.as === 'started' ? started.runId : expect.fail(started.as), journal };
}

test('from their bundles, Plan rules, Perform rules again and performs, and Plan goes on to a hold', async () => {
  const { runId, journal } = await startedRun('scripted:refund');

  const first = await handle('plan', { runId, exec: 1, taken: 0 });
  expect(first).toMatchObject({
    next: 'perform',
    step: { function: deployed('perform lookup_customer').live },
  });
  const turn = record(await journal.get(runId, [turnKey(1)]), turnKey(1), 'turn');
  expect(turn?.body.actions[0]?.ruling).toMatchObject({ decision: 'allow', policies: [expect.any(String)] });

  const performed = await handle('perform lookup_customer', first);
  expect(performed).toMatchObject({ step: { next: 'done' } });
  const key = resultKey('0001.00');
  const result = record(await journal.get(runId, [key]), key, 'result');
  expect(result?.body).toMatchObject({ outcome: 'succeeded', value: { name: 'Ada Fischer' } });

  const second = await handle('plan', performed);
  expect(second).toMatchObject({ next: 'hold', step: { function: deployed('perform issue_refund').live } });
  // By its name alone (T23): "this function performs lookup_customer only" would be in the runtime's log.
  const refused = handle('perform lookup_customer', second);
  await expect(refused).rejects.toThrow(/Terminal: see the function's log/);
  await expect(refused).rejects.not.toThrow(/performs lookup_customer/);
  await expect(refused).rejects.toMatchObject({
    stderr: expect.stringContaining('"message":"a step failed"'),
  });
});

test.each(['bedrock:a', 'anthropic:a', 'openai-compatible:a'])(
  'from its bundle, Plan asks the model %s, and is to try again where nobody answers',
  async (model) => {
    const { runId } = await startedRun(model);
    const refused = handle('plan', { runId, exec: 1, taken: 0 });
    // What cannot be loaded cannot be used, and would be Terminal.
    await expect(refused).rejects.toThrow(/Retryable: see the function's log/);
  },
);

test('from its bundle, the API answers what API Gateway hands on', async () => {
  const get = (path: string) =>
    handle('api', {
      resource: '/{proxy+}',
      path,
      httpMethod: 'GET',
      headers: { Host: 'api.example.com' },
      multiValueHeaders: { Host: ['api.example.com'] },
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      requestContext: {
        resourcePath: '/{proxy+}',
        httpMethod: 'GET',
        path: `/v1${path}`,
        stage: 'v1',
        identity: {},
      },
      body: null,
      isBase64Encoded: false,
    });
  expect(await get('/healthz')).toMatchObject({ statusCode: 200 });
  expect(await get('/runs')).toMatchObject({ statusCode: 401 });
});
