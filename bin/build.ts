import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { sharedEngine } from '../lambdas/policy/engine.ts';
import { loadPolicies, readPolicies } from '../lambdas/policy/load.ts';
import { type Problem, Problems } from '../lambdas/policy/problem.ts';

const root = join(import.meta.dirname, '..');

const { policies: folder = join(root, 'lambdas/policy') } = new Command('npm run build --')
  .description(
    'Checks routes, tool schemas and policies, then the types. Ends with 1 and every error as file:line: message.',
  )
  .option('--policies <dir>', 'check the *.cedar files of this folder instead of lambdas/policy')
  .parse()
  .opts<{ policies?: string }>();

/** Imported here, so that a table that does not load is reported like everything else. */
const check = async (): Promise<string> => {
  const { routes, suspiciousRoute } = await import('../lambdas/oversight/routes.ts');
  const { support } = await import('../lambdas/agents/support.ts');
  const { marathon } = await import('../lambdas/agents/marathon.ts');
  const agents = [support, marathon];
  const { policies, version } = loadPolicies(readPolicies(folder), { agents, routes, engine: sharedEngine });
  if (!routes[suspiciousRoute]) {
    throw new Problems([{ at: 'suspiciousRoute', message: `unknown route "${suspiciousRoute}"` }]);
  }
  return `${policies.size} policies, ${Object.keys(routes).length} routes, policy version ${version.slice(0, 12)}`;
};

const located = ({ at, message }: Problem): string => {
  const inTable = /^route ([^,]+)/.exec(at)?.[1];
  if (inTable !== undefined) return `${placeInTable(inTable)}: ${at}: ${message}`;
  return /\.cedar(:|$)/.test(at) ? `${fromHere(join(folder, at))}: ${message}` : `${at}: ${message}`;
};

const fromHere = (path: string): string => relative(process.cwd(), path);

const placeInTable = (route: string): string => {
  const table = join(root, 'lambdas/oversight/routes.ts');
  const lines = readFileSync(table, 'utf8').split('\n');
  const index = lines.findIndex((line) => [`${route}: {`, `'${route}': {`].includes(line.trim()));
  return `${fromHere(table)}:${index + 1}`;
};

try {
  console.log(await check());
} catch (error) {
  if (!(error instanceof Problems)) throw error;
  for (const problem of error.problems) console.error(located(problem));
  process.exitCode = 1;
}

const types = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', root], { stdio: 'inherit' });
if (types.error) throw types.error;
if (types.status !== 0) process.exitCode = 1;
