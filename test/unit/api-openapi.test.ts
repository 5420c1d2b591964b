import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, type World } from '../support/api-world.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly properties?: object; additionalProperties?: unknown }>
    >;
    readonly securitySchemes: object;
  };
}

let world: World;
let document: Document;
beforeAll(async () => {
  world = await createWorld();
  document = (await (await world.api.request('/openapi.json')).json()) as Document;
});
afterAll(() => world.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('the description is OpenAPI 3.1 and lists every route that there is', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info.title).toBe('Holdpoint');
  const described = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const served = world.api.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(new Set(described)).toEqual(new Set(served));
  const relied = [
    'DELETE /brakes/{scope}',
    'GET /brakes',
    'GET /brakes/{scope}',
    'GET /h/{link}',
    'GET /healthz',
    'GET /holds',
    'GET /holds/{holdId}',
    'GET /openapi.json',
    'GET /runs',
    'GET /runs/{runId}',
    'GET /runs/{runId}/audit',
    'POST /h/{link}',
    'POST /holds/{holdId}/votes',
    'POST /runs',
    'POST /runs/{runId}/cancel',
    'PUT /brakes/{scope}',
  ];
  expect(described).toEqual(expect.arrayContaining(relied));
});

test('every operation has a name of its own, its path’s parameters and its answers', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations()) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name);
    expect(declared).toEqual(named);
    expect(operation.summary).not.toBe('');
    expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
    for (const response of Object.values(operation.responses)) expect(response.description).not.toBe('');
    if (operation.requestBody) expect(operation.requestBody.required).toBe(true);
  }
});

test('all but the pages, the health check and this ask for a token, and say what refusal looks like', () => {
  expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
  for (const { path, operation } of operations()) {
    const open = path.startsWith('/h') && !path.startsWith('/holds');
    if (open || path === '/openapi.json') {
      expect(operation.security).toEqual([]);
    } else {
      expect(operation.security).toEqual([{ bearer: [] }]);
      for (const status of ['401', '403', '503']) {
        expect(operation.responses[status]?.content).toHaveProperty('application/problem+json');
      }
    }
  }
});

test('every reference leads somewhere, and bodies take no other fields', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(refs.length).toBeGreaterThan(20);
  for (const [, name = ''] of refs) expect(document.components.schemas).toHaveProperty(name);
  for (const name of ['RunRequest', 'VoteRequest', 'BrakeRequest', 'DecisionForm']) {
    expect(document.components.schemas[name]?.additionalProperties).toBe(false);
  }
});

test('run, action and hold have the fields that other programs rely on', () => {
  const fields = (name: string) => Object.keys(document.components.schemas[name]?.properties ?? {});
  expect(fields('Run')).toEqual(
    expect.arrayContaining(['runId', 'agent', 'status', 'turns', 'answer', 'actions']),
  );
  expect(fields('Action')).toEqual(
    expect.arrayContaining(['actionId', 'tool', 'args', 'digest', 'ruling', 'holds', 'effect']),
  );
  expect(fields('HoldOfRun')).toEqual(expect.arrayContaining(['holdId', 'level', 'settlement', 'votes']));
  const hold = 'holdId runId actionId tool args digest tier route level openedAt expiresAt status'.split(' ');
  expect(fields('HoldItem')).toEqual(expect.arrayContaining(hold));
  expect(fields('Hold')).toEqual(expect.arrayContaining(hold));
});

test('the health check answers without a token', async () => {
  const answer = await world.api.request('/healthz');
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

test('what is refused for its form alone is described: empty texts, and numbers that are no safe integers', () => {
  const of = (name: string) => JSON.stringify(document.components.schemas[name]?.properties);
  expect(of('RunRequest')).toContain('"input":{"type":"string","maxLength":32000,"pattern":"\\\\S"}');
  expect(of('BrakeRequest')).toContain('"pattern":"\\\\S"');
  expect(of('GrantRequest')).toContain(
    `"max":{"type":"integer","minimum":0,"maximum":${Number.MAX_SAFE_INTEGER}}`,
  );
});
