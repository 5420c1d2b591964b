import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

const ROOT = join(import.meta.dirname, '../..');
/** Whatever is scheduled in whatever order (I1–I11), and whatever is proposed (I13, I14). */
const PROPERTIES = [
  'test/model/keyed.test.ts',
  'test/model/unkeyed.test.ts',
  'test/unit/policy-total.test.ts',
];

const whole = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number, from 1');
  return text;
};

const { runs, seed, shrink } = new Command('npm run model --')
  .description(
    'Plays random runs of the real functions over a store in memory, in random order, with crashes, brakes and changes of policy, against a downstream that honours keys and one that does not; and puts random proposals to the policy gate. Every invariant must hold.',
  )
  .option(
    '--runs <n>',
    'how many: half against each downstream, and as many for each property of the gate',
    whole,
    '10000',
  )
  .option('--seed <n>', 'plays the same again; a failure names its own', whole)
  .option('--shrink', 'looks for the smallest run that fails, which takes minutes')
  .addHelpText('after', '\nExit status 1: an invariant did not hold.')
  .parse()
  .opts<{ runs: string; seed?: string; shrink?: true }>();

const { status } = spawnSync('vitest', ['run', '--config', 'test/vitest.config.ts', ...PROPERTIES], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    MODEL_RUNS: runs,
    ...(seed === undefined ? {} : { MODEL_SEED: seed }),
    ...(shrink ? { MODEL_SHRINK: '1' } : {}),
  },
});
process.exitCode = status ?? 1;
