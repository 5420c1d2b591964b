import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { support } from '../../lambdas/agents/support.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { cedarSchema } from '../../lambdas/policy/cedar-schema.ts';
import { createEngine } from '../../lambdas/policy/engine.ts';
import { LINTED_FILE, lintedOf, readLinted } from '../../lambdas/policy/linted.ts';
import { loadPolicies } from '../../lambdas/policy/load.ts';
import { samplePolicies } from './policy-sample.ts';

const agents = [support];
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-linted-'));
afterEach(() => rmSync(join(folder, LINTED_FILE), { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));
const { linted } = loadPolicies(samplePolicies, { agents, routes, engine: createEngine() });
const keep = (of: object) => writeFileSync(join(folder, LINTED_FILE), JSON.stringify(of));

test('what was linted is taken as it was found, and only of exactly that', () => {
  expect(readLinted(linted.of, folder)).toBeUndefined();
  keep(linted);
  expect(readLinted(linted.of, folder)).toEqual(linted.policies);
  expect(readLinted(`${linted.of}x`, folder)).toBeUndefined();
});

test('another policy, schema or table of routes is something else; how long a route waits is not looked at', () => {
  const schema = cedarSchema(agents);
  const [first, ...others] = samplePolicies;
  if (!first) throw new Error('there is no policy');
  const sorted = samplePolicies.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(lintedOf(sorted, schema, routes)).toBe(linted.of);
  const { finance, ...fewer } = routes;
  if (!finance) throw new Error('there is no route finance');
  const different = [
    lintedOf([{ ...first, text: `${first.text} ` }, ...others], schema, routes),
    lintedOf(sorted, cedarSchema([{ ...support, name: 'other' }]), routes),
    lintedOf(sorted, schema, fewer),
    lintedOf(sorted, schema, { ...routes, finance: { ...finance, strictness: 61 } }),
  ];
  for (const of of different) expect(of).not.toBe(linted.of);
  expect(lintedOf(sorted, schema, { ...routes, finance: { ...finance, limitSeconds: 1 } })).toBe(linted.of);
});
