import { IdempotencyConfig } from '@aws-lambda-powertools/idempotency';
import { Command, InvalidArgumentError } from 'commander';
import { createModel } from '../lambdas/model/configured-model.ts';
import { readPrices } from '../lambdas/model/prices.ts';
import { DamagedLedger } from '../lambdas/sandbox/file-ledger.ts';
import { consoleNotifier } from '../lib/local/console-notifier.ts';
import { consoleReport } from '../lib/local/console-report.ts';
import { DataFolderInUse, DataFolderUnusable } from '../lib/local/data-folder.ts';
import { UnreadableFile } from '../lib/local/people.ts';
import { startSampleRun } from '../lib/local/sample-run.ts';
import { startStack } from '../lib/local/stack.ts';

const upTo = (most: number, what: string) => (text: string) => {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most)) throw new InvalidArgumentError(what);
  return number;
};
const port = upTo(65_535, 'a port is a number from 0 to 65535');
const DAY_SECONDS = 24 * 3600;
const models = (text: string) => text.split(',').map((spec) => createModel(spec.trim(), process.env));

const program = new Command('npm start --')
  .description(
    'Holdpoint on this machine: the state machine, its functions and tables, the HTTP interface and a sandbox downstream.',
  )
  .option('--no-sample', 'do not start the sample run on an empty data folder')
  .addHelpText(
    'after',
    `
Environment:
  HOLDPOINT_DATA    the data folder (.holdpoint)
  PORT              of the HTTP interface, on 127.0.0.1 (8787)
  SANDBOX_PORT      of the sandbox downstream (PORT + 1)
  SANDBOX_DELAY_MS  how long each of its calls takes (0)
  HOLDPOINT_DWELL_SECONDS  how long a page must have been open before an approval at tier high or critical (0)
  HOLDPOINT_MODEL   the default model: scripted:NAME, bedrock:ID, anthropic:ID, openai-compatible:ID (scripted:refund)
  HOLDPOINT_PRICES  what models cost, in millionths of a USD for a million tokens: {"MODEL": {"input": 3000000, "output": 15000000}}

Ctrl-C ends it cleanly. Killed at any instant, it goes on where it was at the next start.`,
  )
  .parse();

const setting = <T>(name: string, fallback: T, read: (text: string) => T): T => {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  try {
    return read(text);
  } catch (error) {
    console.error(`${name}=${text}: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
};

const data = process.env.HOLDPOINT_DATA || '.holdpoint';
const httpPort = setting('PORT', 8787, port);
const sandboxPort = setting('SANDBOX_PORT', httpPort === 0 ? 0 : httpPort + 1, port);
if (sandboxPort > 65_535) {
  console.error(`PORT=${httpPort}: there is no port after it for the sandbox, so set SANDBOX_PORT too`);
  process.exit(2);
}
// Read again where they are used; what is wrong with them is said here.
setting('HOLDPOINT_DWELL_SECONDS', 0, upTo(DAY_SECONDS, 'a whole number of seconds, a day at most'));
setting('HOLDPOINT_MODEL', [], models);
setting('POWERTOOLS_IDEMPOTENCY_DISABLED', undefined, () => {
  if (!new IdempotencyConfig({}).isEnabled()) throw new Error('nothing would be performed: take it away');
});
setting('HOLDPOINT_PRICES', undefined, (text) => void readPrices(text));
// Nobody reads what it says, as behind `| head`: it ends as other commands do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
try {
  const stack = await startStack({
    data,
    port: httpPort,
    sandboxPort,
    sandboxDelayMs: setting(
      'SANDBOX_DELAY_MS',
      0,
      upTo(DAY_SECONDS * 1000, 'a whole number of milliseconds, a day at most'),
    ),
    notifier: consoleNotifier((text) => console.log(`\n${text}`)),
    report: consoleReport((line) => console.error(line)),
    env: process.env,
  });
  console.log(`Holdpoint is up.
  Inbox      ${stack.url}/
  Interface  ${stack.url}/openapi.json (tokens: ${data}/tokens.json)
  Sandbox    ${stack.sandboxUrl}/ledger`);
  const { items: waiting } = await stack.core.environment.rows.due('hold', undefined, { limit: 100 });
  if (waiting.length > 0) {
    const count = waiting.length < 100 ? waiting.length : '100 or more';
    console.log(`\nOpen questions: ${count}, see the inbox; links that were sent still work.`);
  }
  if (program.opts<{ sample: boolean }>().sample) await startSampleRun(stack.core);

  // Killed at any instant it goes on at the next start; what was answered for after a torn write would not be there.
  stack.core.folder.dynamodb.broken.then((error) => {
    console.error(`\nThe data folder ${data} cannot be written to any more: ${error.message}.
Ending; once that is mended, what is unfinished goes on at the next start.`);
    process.exit(1);
  });
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      if (ending) process.exit(130);
      ending = true;
      console.log('\nEnding; what is unfinished goes on at the next start.');
      await stack.stop();
      process.exit(0);
    });
  }
} catch (error) {
  const ofTheSystem = (error as NodeJS.ErrnoException).syscall !== undefined;
  const ofTheFolder = [DataFolderInUse, DataFolderUnusable, DamagedLedger, UnreadableFile].some(
    (kind) => error instanceof kind,
  );
  const ofTheDatabase = /^LEVEL_/.test((error as NodeJS.ErrnoException).code ?? '');
  const known = ofTheFolder || ofTheSystem || ofTheDatabase;
  console.error(known && error instanceof Error ? explain(error) : error);
  process.exit(1);
}

function explain(error: Error): string {
  const { code, port: taken } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE'
    ? `Port ${taken} of 127.0.0.1 is taken: set PORT or SANDBOX_PORT to another one.`
    : error.message;
}
