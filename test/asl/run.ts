import { Command } from 'commander';
import { close, runListed } from '../support/listed-tests.ts';
import { MAPS } from './map-cases.ts';
import { RETRIES, TIME_LIMITS, WAYS } from './run-cases.ts';
import { startScripts } from './scripts.ts';

const command = new Command('npm run test:asl --')
  .description(
    `Runs the state machine's synthesised definition on an independent interpreter (moto 5.2.5): its ways, time limits,
retries, catches and Map. Needs python3 (3.10 or newer); installs from PyPI once, under node_modules/.cache.`,
  )
  .option('--only <text>', 'only tests whose name has this text')
  .parse();
const { only = '' } = command.opts<{ only?: string }>();
const tests = [...WAYS, ...TIME_LIMITS, ...RETRIES, ...MAPS].filter(({ name }) => name.includes(only));
if (tests.length === 0) command.error(`error: no test has "${only}" in its name`);
const scripts = await startScripts();
try {
  close(tests.length, await runListed(scripts, tests, { atOnce: 10, limitMs: 60_000 }));
} finally {
  await scripts.end();
}
