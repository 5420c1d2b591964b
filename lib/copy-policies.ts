import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { support } from '../lambdas/agents/support.ts';
import { routes } from '../lambdas/oversight/routes.ts';
import { sharedEngine } from '../lambdas/policy/engine.ts';
import { LINTED_FILE } from '../lambdas/policy/linted.ts';
import { loadPolicies, readPolicies } from '../lambdas/policy/load.ts';

/** Run after a bundle was made, with the project's folder and the bundle's: what a function that rules reads as files. */
const [root = '', outputDir = ''] = process.argv.slice(2);

for (const policy of globSync(join(root, 'lambdas/policy/*.cedar'))) {
  cpSync(policy, join(outputDir, basename(policy)));
}
const cedar = 'node_modules/@cedar-policy/cedar-wasm';
const files = ['package.json', 'nodejs/package.json', 'nodejs/cedar_wasm.js', 'nodejs/cedar_wasm_bg.wasm'];
mkdirSync(join(outputDir, cedar, 'nodejs'), { recursive: true });
for (const file of files) cpSync(join(root, cedar, file), join(outputDir, cedar, file));
const { linted } = loadPolicies(readPolicies(outputDir), { agents: [support], routes, engine: sharedEngine });
writeFileSync(join(outputDir, LINTED_FILE), JSON.stringify(linted));
