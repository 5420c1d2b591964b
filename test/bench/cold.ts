import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Bundle, bundleSample } from './bundles.ts';
import { type FirstCall, openFirstCalls, SAYS } from './first-calls.ts';
import { percentile, round } from './statistics.ts';

/** What a start should take, in times of an empty handler's. */
const TARGET = 2.5;
/** What it may take of the processor, in times of an empty handler's: unlike the clock, that is the same on a busy machine. */
const MOST_TIMES = { plain: 7, rules: 14.5 };
/** What a bundle may weigh, zipped. */
const MOST_KB = { plain: 230, rules: 1850 };
const GIVEN_UP_MS = 30_000;

const times = (text: string) => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return number;
};
const program = new Command('npm run bench:cold --')
  .description('Measures the first call of each function, bundled as it is deployed, in a new process.')
  .option('--json', 'print one JSON document on stdout')
  .option('--times <n>', 'starts of each function', times, 15)
  .option('--strict', 'fail where the target is missed')
  .addOption(new Option('--only <names...>', 'these functions alone').choices(Object.keys(SAYS)))
  .addHelpText(
    'after',
    `
A start is from the spawning of a process to the answer of its first call, and an empty handler is started beside each, in turn; the
medians count. Tables are on the loopback interface, and nothing leaves this machine. The target is ${TARGET} times an empty handler's;
with --strict, missing it is a failure. Exits with 1 where a start takes more than ${MOST_TIMES.plain} times an empty handler's processor time
(${MOST_TIMES.rules} with Cedar), or a bundle weighs more than ${MOST_KB.plain} KB (${MOST_KB.rules} KB with Cedar).

${Object.entries(SAYS)
  .map(([name, says]) => `  ${name.padEnd(10)} ${says}`)
  .join('\n')}`,
  )
  .parse();
const options = program.opts<{ json?: true; strict?: true; times: number; only?: readonly string[] }>();

interface Measured {
  readonly name: string;
  readonly zipKb: number;
  readonly coldMs: number;
  readonly emptyMs: number;
  /** Processor time, other threads' too. */
  readonly coldCpuMs: number;
  readonly emptyCpuMs: number;
}

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
}

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-cold-'));
const calls = await openFirstCalls();
try {
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, 'exports.handler = async () => ({});\n');
  console.error('bundling …');
  const bundles = bundleSample(folder).filter(({ name }) => options.only?.includes(name) ?? true);
  const functions: Measured[] = [];
  const over: string[] = [];
  for (const bundle of bundles) {
    console.error(`starting ${bundle.name} …`);
    const measured = await measure(bundle, empty);
    functions.push(measured);
    over.push(...problemsOf(measured, bundle));
  }
  if (options.json) console.log(JSON.stringify({ functions }));
  else for (const measured of functions) console.log(lineOf(measured));
  for (const problem of over) console.error(problem);
  process.exitCode = over.length > 0 ? 1 : 0;
} finally {
  await calls.close();
  rmSync(folder, { recursive: true });
}

/** Function and empty handler in turn, so that what else this machine does meets both. */
async function measure({ name, entry, zipKb }: Bundle, empty: string): Promise<Measured> {
  const cold: Start[] = [];
  const nothing: Start[] = [];
  for (let n = 0; n < options.times; n++) {
    const call = await calls.of(name);
    cold.push(await start(entry, call));
    nothing.push(await start(empty, call));
  }
  const median = (starts: readonly Start[], of: keyof Start) =>
    round(
      percentile(
        starts.map((each) => each[of]),
        0.5,
      ),
      1,
    );
  return {
    name,
    zipKb,
    coldMs: median(cold, 'ms'),
    emptyMs: median(nothing, 'ms'),
    coldCpuMs: median(cold, 'cpuMs'),
    emptyCpuMs: median(nothing, 'cpuMs'),
  };
}

/** From the spawning of a process to the answer of its first call. @throws Error where it fails */
function start(entry: string, { event, env }: FirstCall): Promise<Start> {
  const child = fileURLToPath(new URL('cold-child.cjs', import.meta.url));
  const from = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<Start>();
  const started = spawn(process.execPath, [child, entry, JSON.stringify(event)], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: GIVEN_UP_MS,
  });
  const said: string[] = [];
  started.stdout?.on('data', (text) => said.push(String(text)));
  started.stderr?.on('data', (text) => said.push(String(text)));
  let answered: Start | undefined;
  started.stdio[3]?.once('data', (cpuMs) => {
    answered = { ms: performance.now() - from, cpuMs: Number(cpuMs) };
  });
  // The next one starts when this one has ended.
  started.once('close', () => {
    if (answered) resolve(answered);
    else reject(new Error(`${entry} gave no answer: ${said.join('').slice(-2000)}`));
  });
  return promise;
}

function problemsOf(measured: Measured, { rules }: Bundle): string[] {
  const { name, zipKb, coldMs, emptyMs, coldCpuMs, emptyCpuMs } = measured;
  const kind = rules ? 'rules' : 'plain';
  const problem = (wrong: unknown, text: string) => (wrong ? [`${name}: ${text}`] : []);
  const cpu = coldCpuMs / emptyCpuMs;
  return [
    ...problem(options.strict && coldMs > TARGET * emptyMs, `${inTimes(measured)}, and should be ${TARGET}`),
    ...problem(
      cpu > MOST_TIMES[kind],
      `${cpu.toFixed(1)} times the processor time, and may be ${MOST_TIMES[kind]}`,
    ),
    ...problem(zipKb > MOST_KB[kind], `${zipKb} KB zipped, and may be ${MOST_KB[kind]}`),
  ];
}

function inTimes({ coldMs, emptyMs }: Measured): string {
  return `${(coldMs / emptyMs).toFixed(2)} times an empty handler`;
}

function lineOf(measured: Measured): string {
  const { name, zipKb, coldMs, emptyMs, coldCpuMs, emptyCpuMs } = measured;
  const figures = [`${zipKb} KB`.padStart(8), `${coldMs} ms`.padStart(9), `empty ${emptyMs} ms`.padStart(14)];
  const cpu = `processor ${coldCpuMs} ms, ${(coldCpuMs / emptyCpuMs).toFixed(1)} times`;
  return [name.padEnd(10), ...figures, inTimes(measured), cpu].join('  ');
}
