import { cpSync, globSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Run after a bundle was made, with the project's folder and the bundle's: what a function that rules reads as files. */
const [root = '', outputDir = ''] = process.argv.slice(2);

for (const policy of globSync(join(root, 'lambdas/policy/*.cedar'))) {
  cpSync(policy, join(outputDir, basename(policy)));
}
const cedar = 'node_modules/@cedar-policy/cedar-wasm';
const files = ['package.json', 'nodejs/package.json', 'nodejs/cedar_wasm.js', 'nodejs/cedar_wasm_bg.wasm'];
mkdirSync(join(outputDir, cedar, 'nodejs'), { recursive: true });
for (const file of files) cpSync(join(root, cedar, file), join(outputDir, cedar, file));
