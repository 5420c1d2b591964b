import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { startChild } from './child.ts';
import { measurePaused, type Paused } from './paused.ts';
import { measureRulings } from './rulings.ts';
import { round } from './statistics.ts';
import { openSubject } from './subject.ts';
import { measureThroughput, type Throughput } from './throughput.ts';
import { measureTurns } from './turns.ts';

const PARTS = ['w', 'turns', 'rulings', 'paused'] as const;
type Part = (typeof PARTS)[number];

interface Report extends Partial<Throughput> {
  startMs?: number;
  turns?: Awaited<ReturnType<typeof measureTurns>>;
  /** At 200 turns against 10. */
  turnRatios?: { bytes: number; ms: number };
  rulingMs?: ReturnType<typeof measureRulings>;
  paused?: Paused;
}

const program = new Command('npm run bench --')
  .description('Measures the local stack: the real functions over a data folder on disk, without HTTP.')
  .option('--json', 'print one JSON document on stdout')
  .option('--quick', 'a smoke run: few runs, figures that say nothing')
  .addOption(new Option('--only <parts...>', 'measure these parts alone').choices(PARTS))
  .addHelpText(
    'after',
    `
Workload W is scripted:w: four turns, one allowed read, two held actions that are approved as soon as their notice comes.
Each of its runs is about a customer of its own, since the sums of T31 are kept by customer. The sandbox downstream is a process of its own. Progress goes to stderr. Run it on a machine that does nothing else.`,
  )
  .parse();
const {
  json,
  quick,
  only = PARTS,
} = program.opts<{
  json?: boolean;
  quick?: boolean;
  only?: readonly Part[];
}>();
const full = !quick;

const folder = await mkdtemp(join(tmpdir(), 'holdpoint-bench-'));
const sandbox = startChild('sandbox-child.ts', [join(folder, 'ledger.jsonl')]);
try {
  const report = await measure(await sandbox.next<string>());
  if (json) console.log(JSON.stringify(report));
  else console.log(report);
} finally {
  await sandbox.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
}

async function measure(sandboxUrl: string): Promise<Report> {
  const report: Report = {};
  const part = async (name: Part, run: () => Promise<void>) => {
    if (!only.includes(name)) return;
    console.error(`measuring ${name} …`);
    await run();
  };
  const subject = await openSubject({ data: join(folder, 'data'), sandboxUrl, customers: full ? 2000 : 100 });
  report.startMs = round(subject.startMs, 0);
  try {
    await part('w', async () => {
      const sizes = full
        ? { warmUp: 200, seq: 300, concurrent: 800 }
        : { warmUp: 5, seq: 10, concurrent: 40 };
      Object.assign(report, await measureThroughput(subject, sizes));
    });
    await part('turns', async () => {
      const turns = await measureTurns(subject, full ? 7 : 1);
      const ratio = (of: 'bytesPerTurn' | 'msPerTurn') => round(turns[200][of] / turns[10][of]);
      Object.assign(report, { turns, turnRatios: { bytes: ratio('bytesPerTurn'), ms: ratio('msPerTurn') } });
    });
    await part('rulings', async () => {
      report.rulingMs = measureRulings(full ? 4000 : 200);
    });
  } finally {
    await subject.core.stop();
  }
  await part('paused', async () => {
    report.paused = await measurePaused(join(folder, 'paused'), sandboxUrl, full ? 1000 : 50);
  });
  return report;
}
