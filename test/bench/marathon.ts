import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { playLongRun } from './long-run.ts';
import { round } from './statistics.ts';

const between = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
};

/** Half of what AWS allows a history. */
const MOST_EVENTS = 12_500;
/** A turn late in the run against an early one; the rest is the machine's. */
const MOST_RATIO = 1.5;

const program = new Command('npm run marathon --')
  .description(
    'One run of thousands of scripted turns on the local stack: renewals, histories, and whether a turn stays as cheap.',
  )
  .option('--turns <n>', 'how many', between(100, 10_000), 5_000)
  .option('--json', 'print one JSON document on stdout')
  .addHelpText(
    'after',
    `
Ends with 1 where the run did not come to its answer, a history had more than ${MOST_EVENTS} events (AWS ends an execution at 25,000),
or a late turn took more than ${MOST_RATIO} times as long as an early one.`,
  )
  .parse();
const { turns, json } = program.opts<{ turns: number; json?: boolean }>();

const folder = await mkdtemp(join(tmpdir(), 'holdpoint-marathon-'));
try {
  const { run, executions, ...measured } = await playLongRun({ data: join(folder, 'data'), turns });
  const msRatio = round(measured.msPerTurn.late / measured.msPerTurn.early);
  const problems = [
    run.status === 'finished' ? '' : `the run is ${run.status}: ${run.reason}`,
    run.turns === turns + 1 ? '' : `it has ${run.turns} turns`,
    measured.largestHistory <= MOST_EVENTS ? '' : `a history has ${measured.largestHistory} events`,
    msRatio <= MOST_RATIO ? '' : `a late turn takes ${msRatio} times as long as an early one`,
  ].filter(Boolean);
  const report = { ...measured, msRatio, executions: executions.length, status: run.status, problems };
  console.log(json ? JSON.stringify(report) : report);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
