import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import type { Routes } from '../oversight/route.ts';
import type { Policy } from './annotations.ts';
import { type Actors, type CedarSchema, cedarSchema } from './cedar-schema.ts';
import type { Engine } from './engine.ts';
import { lint, type PolicyFile } from './lint.ts';
import { type Linted, lintedOf, readLinted } from './linted.ts';
import { Problems } from './problem.ts';

export interface PolicySet {
  readonly schema: CedarSchema;
  readonly policies: ReadonlyMap<string, Policy>;
  /** SHA-256 (hex) over the policy texts, by file name, and the schema. */
  readonly version: string;
  /** What a lint of exactly these found right. */
  readonly linted: Linted;
}

/** The `*.cedar` files of a folder; by default those beside this code, in the sources as in a bundle. */
export const readPolicies = (directory = import.meta.dirname): PolicyFile[] => {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.cedar')) : [];
  if (names.length === 0) throw new Problems([{ at: directory, message: 'there is no *.cedar file in it' }]);
  return names.map((name) => ({ name, text: readFileSync(join(directory, name), 'utf8') }));
};

/** @throws Problems all that is wrong with tools and policies, with file and line. */
export const loadPolicies = (
  files: readonly PolicyFile[],
  { agents, routes, engine }: { agents: Actors; routes: Routes; engine: Engine },
): PolicySet => {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const schema = cedarSchema(agents);
  const of = lintedOf(sorted, schema, routes);
  const policies = readLinted(of) ?? lintAll(sorted, { schema, routes, engine });
  const whole = canonicalize({ files: sorted.map(({ name, text }) => [name, text]), schema }) ?? '';
  return {
    schema,
    policies: new Map(policies.map((policy) => [policy.id, policy])),
    version: createHash('sha256').update(whole).digest('hex'),
    linted: { of, policies },
  };
};

const lintAll = (...of: Parameters<typeof lint>): readonly Policy[] => {
  const { policies, problems } = lint(...of);
  if (problems.length > 0) throw new Problems(problems);
  return policies;
};
