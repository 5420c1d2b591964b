import { countRequests, type Requests } from './request-counter.ts';
import { p50p99, round } from './statistics.ts';
import type { Subject } from './subject.ts';

export interface Throughput {
  readonly seq: { readonly runsPerSecond: number };
  readonly concurrent: { readonly runsPerSecond: number };
  readonly approveToEffectMs: { readonly p50: number; readonly p99: number };
  readonly transitionsPerW: number;
  readonly writesPerW: number;
  readonly readsPerW: number;
  readonly keysReadPerW: number;
  readonly requestsPerW: Readonly<Record<string, number>>;
  /** User and system time of this process, all its threads, by pass. */
  readonly cpuMsPerW: { readonly seq: number; readonly concurrent: number };
}

export interface Sizes {
  readonly warmUp: number;
  readonly seq: number;
  readonly concurrent: number;
}

const AT_ONCE = 20;

/** Workload W: one by one, then at 20 at once; its requests are counted in a pass of their own. */
export async function measureThroughput(subject: Subject, sizes: Sizes): Promise<Throughput> {
  await runMany(subject, sizes.warmUp, 4);
  subject.approveToEffect.length = 0;
  const seq = await runMany(subject, sizes.seq, 1);
  const approveToEffectMs = p50p99(subject.approveToEffect);
  const concurrent = await runMany(subject, sizes.concurrent, AT_ONCE);
  const counted = await count(subject, 20);
  return {
    seq: { runsPerSecond: seq.runsPerSecond },
    concurrent: { runsPerSecond: concurrent.runsPerSecond },
    approveToEffectMs,
    ...counted,
    cpuMsPerW: { seq: seq.cpuMsPerW, concurrent: concurrent.cpuMsPerW },
  };
}

async function runMany(subject: Subject, runs: number, atOnce: number) {
  let left = runs;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await subject.finish('w');
    }
  };
  const cpu = process.cpuUsage();
  const from = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { runsPerSecond: round(runs / seconds), cpuMsPerW: round((user + system) / 1000 / runs) };
}

async function count(subject: Subject, runs: number) {
  const counted = countRequests(subject.core.environment.dynamodb);
  let transitions = 0;
  for (let run = 0; run < runs; run += 1) transitions += (await subject.finish('w')).transitions;
  const { byOperation, writes, reads, keysRead }: Requests = counted();
  return {
    transitionsPerW: transitions / runs,
    writesPerW: writes / runs,
    readsPerW: reads / runs,
    keysReadPerW: keysRead / runs,
    requestsPerW: Object.fromEntries(Object.entries(byOperation).map(([name, n]) => [name, n / runs])),
  };
}
