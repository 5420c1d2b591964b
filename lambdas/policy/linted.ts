import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import type { Routes } from '../oversight/route.ts';
import type { Policy } from './annotations.ts';
import type { CedarSchema } from './cedar-schema.ts';
import type { PolicyFile } from './lint.ts';

/** What a lint has found right, and of what: kept beside a bundle's policies, because it takes most of a cold start. */
export interface Linted {
  readonly of: string;
  readonly policies: readonly Policy[];
}

export const LINTED_FILE = 'linted.json';

/** SHA-256 (hex) over all that a lint looks at, so that its findings stand for nothing else. */
export function lintedOf(files: readonly PolicyFile[], schema: CedarSchema, routes: Routes): string {
  const rules = Object.entries(routes).map(([name, { limitSeconds: _, ...rest }]) => [name, rest]);
  const whole = { files: files.map(({ name, text }) => [name, text]), schema, rules };
  return createHash('sha256')
    .update(canonicalize(whole) ?? '')
    .digest('hex');
}

/** The policies as they were linted when the bundle was made, where it is exactly these that were. */
export function readLinted(of: string, directory = import.meta.dirname): readonly Policy[] | undefined {
  const path = join(directory, LINTED_FILE);
  if (!existsSync(path)) return undefined;
  const linted = JSON.parse(readFileSync(path, 'utf8')) as Linted;
  return linted.of === of ? linted.policies : undefined;
}
