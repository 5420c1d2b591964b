import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Application } from '../lambdas/application.ts';
import { sharedEngine } from '../lambdas/policy/engine.ts';
import { LINTED_FILE } from '../lambdas/policy/linted.ts';
import { loadPolicies, readPolicies } from '../lambdas/policy/load.ts';

const cedar = 'node_modules/@cedar-policy/cedar-wasm';

/** Puts beside a bundle what a function that rules reads as files: the application's policies, linted already, and Cedar, which a new instance of it is loaded from. */
export async function copyPolicies(module: string, folder: string): Promise<void> {
  const { application } = (await import(pathToFileURL(module).href)) as { readonly application: Application };
  const { agents, policies, routes } = application;
  for (const policy of globSync('*.cedar', { cwd: policies })) {
    cpSync(join(policies, policy), join(folder, policy));
  }
  const files = ['package.json', 'nodejs/package.json', 'nodejs/cedar_wasm.js', 'nodejs/cedar_wasm_bg.wasm'];
  mkdirSync(join(folder, cedar, 'nodejs'), { recursive: true });
  for (const file of files) {
    cpSync(join(import.meta.dirname, '..', cedar, file), join(folder, cedar, file));
  }
  const { linted } = loadPolicies(readPolicies(folder), { agents, routes, engine: sharedEngine });
  writeFileSync(join(folder, LINTED_FILE), JSON.stringify(linted));
}
