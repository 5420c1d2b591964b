import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { close, runListed } from '../support/listed-tests.ts';
import { DECIDING, LOOKING } from './cases.ts';
import { openBrowserWorld } from './world.ts';

const command = new Command('npm run test:browser --')
  .description(
    `The pages in a real browser, over a local stack of its own: people decide as they would, and axe looks at each page.
Needs Chromium (Debian: apt-get install chromium).`,
  )
  .option('--only <text>', 'only tests whose name has this text')
  .option('--chromium <path>', 'the browser', '/usr/bin/chromium')
  .parse();
const { only = '', chromium } = command.opts<{ only?: string; chromium: string }>();
const tests = [...DECIDING, ...LOOKING].filter(({ name }) => name.includes(only));
if (tests.length === 0) command.error(`error: no test has "${only}" in its name`);
if (!existsSync(chromium)) {
  command.error(`error: there is no ${chromium}: install Chromium, or name another with --chromium`);
}
const world = await openBrowserWorld(chromium);
try {
  close(tests.length, await runListed(world, tests, { atOnce: 1, limitMs: 60_000 }));
} finally {
  await world.close();
}
