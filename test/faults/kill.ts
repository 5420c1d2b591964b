import { Command, InvalidArgumentError, Option } from 'commander';
import { runKills, WORKLOADS } from './run-kills.ts';

const whole = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number, from 1');
  return number;
};

const program = new Command('npm run kill --')
  .description(
    'Kills the local stack (-9) at random instants of its life, start-up included, with runs in flight; then lets it go on until all is quiet, and compares its records with what the downstream did.',
  )
  .option('--kills <n>', 'how often', whole, 30)
  .option('--seed <n>', 'of the instants', whole, 1)
  .addOption(
    new Option(
      '--tool <class>',
      'replay class of the tools; blind: `never`, and the downstream cannot be asked whether it happened',
    )
      .choices(Object.keys(WORKLOADS))
      .default('keyed'),
  )
  .option('--runs <n>', 'runs in flight', whole, 8)
  .option('--life <ms>', 'how long a process lives at most, once it is up', whole, 1_000)
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    '\nExit status 1: an effect happened twice, without authority, or something was lost.',
  )
  .parse();
const { kills, seed, tool, runs, life, json } = program.opts<{
  kills: number;
  seed: number;
  tool: keyof typeof WORKLOADS;
  runs: number;
  life: number;
  json?: true;
}>();

const started = Date.now();
const onProgress = (text: string) =>
  process.stderr.write(`\r${text}, ${((Date.now() - started) / 1000).toFixed(0)} s   `);
const killed = await runKills({ kills, seed, tool, inFlight: runs, lifeMs: life, onProgress });
process.stderr.write('\n');
if (json) {
  console.log(JSON.stringify({ tool, seed, ...killed }));
} else {
  for (const problem of killed.problems) console.log(problem);
  console.log(`${killed.kills} kills, ${killed.runs} runs (${tool} tools, seed ${seed})
  under way at a kill  ${killed.runningAtKill} effects, ${killed.inFlightAtKill} runs
  duplicates           ${killed.duplicates}
  lost                 ${killed.lost}
  unauthorised         ${killed.unauthorised}
  in doubt             ${killed.inDoubt}
  downstream           ${killed.attempts} attempts, ${killed.effects} effects`);
}
process.exitCode = killed.duplicates + killed.lost + killed.unauthorised > 0 ? 1 : 0;
