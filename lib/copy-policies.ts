import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Application } from '../lambdas/application.ts';
import { sharedEngine } from '../lambdas/policy/engine.ts';
import { LINTED_FILE } from '../lambdas/policy/linted.ts';
import { loadPolicies, readPolicies } from '../lambdas/policy/load.ts';

/** Run after a bundle was made, with the project's folder, the application's module and the bundle's folder: what a function that rules reads as files. */
const [root = '', module = '', outputDir = ''] = process.argv.slice(2);
const { application } = (await import(pathToFileURL(module).href)) as { readonly application: Application };
const { agents, policies, routes } = application;

for (const policy of globSync('*.cedar', { cwd: policies })) {
  cpSync(join(policies, policy), join(outputDir, policy));
}
const cedar = 'node_modules/@cedar-policy/cedar-wasm';
const files = ['package.json', 'nodejs/package.json', 'nodejs/cedar_wasm.js', 'nodejs/cedar_wasm_bg.wasm'];
mkdirSync(join(outputDir, cedar, 'nodejs'), { recursive: true });
for (const file of files) cpSync(join(root, cedar, file), join(outputDir, cedar, file));
const { linted } = loadPolicies(readPolicies(outputDir), { agents, routes, engine: sharedEngine });
writeFileSync(join(outputDir, LINTED_FILE), JSON.stringify(linted));
