import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { routes as sampleRoutes } from '../../lambdas/oversight/routes.ts';
import about from '../../package.json' with { type: 'json' };
import { CASES } from './cases.ts';
import { loadCode } from './code.ts';
import { folderOf, inOrder, runIdsOf, writeFixture } from './fixture.ts';
import { seenOf } from './seen.ts';

const program = new Command('npm run record --')
  .description(
    'Records runs of this release, for later ones to be replayed on (F28): a folder of test/fixtures/runs.',
  )
  .option('--release <version>', 'the release that they come from', about.version)
  .option('--only <names...>', `record these alone, of ${Object.keys(CASES).join(', ')}`)
  .option('--again', 'write over what this release has recorded already')
  .addHelpText(
    'after',
    `
NAME.jsonl holds all records of a case's runs as they were stored, one JSON object a line, in the order of writing, with the grants
and brakes among them; NAME.seen.json what this release made of them. Records of a release that is out are never recorded again:
where what they come to changes on purpose, that is said in test/replay/on-purpose.ts.`,
  )
  .parse();
const { release, only, again } = program.opts<{ release: string; only?: string[]; again?: boolean }>();

const unknown = only?.find((name) => !(name in CASES));
if (unknown !== undefined) program.error(`there is no case ${unknown}`);
if (!/^\d+\.\d+\.\d+$/.test(release)) program.error('--release: must be a version such as 1.2.3');
if (existsSync(folderOf(release)) && !again)
  program.error(`${release} has recorded its runs already: --again writes over them`);

const code = await loadCode(new URL('../../lambdas', import.meta.url).pathname);
for (const [name, record] of Object.entries(CASES)) {
  if (only && !only.includes(name)) continue;
  const { items: unordered, routes } = await record();
  const items = inOrder(unordered);
  const runIds = runIdsOf(items);
  const seen = Object.fromEntries(
    runIds.map((runId) => [runId, seenOf(code, items, runId, routes ?? sampleRoutes)]),
  );
  writeFixture({ release, name, items, seen, ...(routes ? { routes } : {}) });
  console.log(`${name}: ${runIds.length} run${runIds.length === 1 ? '' : 's'}, ${items.length} records`);
}
process.exit();
