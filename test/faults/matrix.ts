import { Command, InvalidArgumentError, Option } from 'commander';
import { type Cell, type Row, runMatrix } from './run-matrix.ts';
import { sampleOf } from './sample.ts';
import { SCENARIOS } from './scenarios.ts';
import { unaccounted } from './unreached.ts';

const whole = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number, from 1');
  return number;
};

const program = new Command('npm run matrix --')
  .description(
    'Kills a process before and after every call to the outside, restarts it on what is left, and compares the records with what the downstream did.',
  )
  .addOption(new Option('--only <scenario...>', 'these scenarios only').choices(Object.keys(SCENARIOS)))
  .option('--sample <n>', 'so many cells, picked by the seed', whole)
  .option('--seed <n>', 'of the sample', whole, 1)
  .option('--workers <n>', 'processes at once', whole, 2)
  .option('--together <n>', 'cells that die of one kill', whole, 48)
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    `
Scenarios:
${Object.entries(SCENARIOS)
  .map(([name, { says }]) => `  ${name.padEnd(10)} ${says}`)
  .join('\n')}

Exit status 1: an effect happened twice, without authority, or something was lost; or there is a call to the outside
that no scenario makes (looked at when all are played).`,
  )
  .parse();
const { only, sample, seed, workers, together, json } = program.opts<{
  only?: string[];
  sample?: number;
  seed: number;
  workers: number;
  together: number;
  json?: true;
}>();

const started = Date.now();
const { points, rows, unreached, cut } = await runMatrix({
  workers,
  together,
  ...(only ? { scenarios: only } : {}),
  ...(sample === undefined ? {} : { choose: (cells: readonly Cell[]) => sampleOf(cells, sample, seed) }),
  onProgress: (done, of) => process.stderr.write(`\r${done} of ${of} cells, ${seconds()} s `),
});
process.stderr.write('\n');

const sum = (count: (row: Row) => number) => rows.reduce((total, row) => total + count(row), 0);
const totals = {
  duplicates: sum(({ judged }) => judged.duplicates.length),
  lost: sum(({ judged }) => judged.lost.length),
  unauthorised: sum(({ judged }) => judged.unauthorised.length),
  inDoubt: sum(({ judged }) => judged.inDoubt),
};
const forgotten = only
  ? []
  : [...unaccounted(unreached), ...cut.map((kind) => `no point is left of: ${kind}`)];
const bad = totals.duplicates + totals.lost + totals.unauthorised + forgotten.length > 0;
const outcomeOf = ({ judged, reached }: Row) =>
  [
    `${judged.outcome}${reached ? '' : ' (not passed)'}`,
    ...judged.duplicates.map((what) => `DUPLICATE ${what}`),
    ...judged.unauthorised.map((what) => `UNAUTHORISED ${what}`),
    ...judged.lost.map((what) => `LOST ${what}`),
  ].join('; ');

if (json) {
  const table = rows.map((row) => ({
    scenario: row.scenario,
    point: row.nth > 1 ? `${row.label} (${row.nth})` : row.label,
    when: row.when,
    outcome: outcomeOf(row),
    seconds: row.judged.seconds,
  }));
  console.log(JSON.stringify({ points, rows: table, ...totals, forgotten, seconds: Number(seconds()) }));
} else {
  let scenario = '';
  for (const row of rows) {
    if (row.scenario !== scenario) console.log(`\n${row.scenario}: ${SCENARIOS[row.scenario]?.says}`);
    scenario = row.scenario;
    const point = row.nth > 1 ? `${row.label} (${row.nth})` : row.label;
    console.log(`  ${row.when.padEnd(6)} ${point.padEnd(78)} ${outcomeOf(row)}`);
  }
  for (const what of forgotten) console.log(`FORGOTTEN ${what}`);
  console.log(
    `\n${points} points, ${rows.length} cells in ${seconds()} s: ${totals.duplicates} duplicates, ${totals.lost} lost, ${totals.unauthorised} unauthorised, ${totals.inDoubt} in doubt`,
  );
}
process.exitCode = bad ? 1 : 0;

function seconds(): string {
  return ((Date.now() - started) / 1000).toFixed(0);
}
