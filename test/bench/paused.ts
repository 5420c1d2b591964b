import { startChild } from './child.ts';
import { round } from './statistics.ts';

export interface Paused {
  readonly count: number;
  /** Resident set of the process that holds them, garbage collected and given back to the system. */
  readonly memoryMb: number;
  /** The same right after the last one was held. */
  readonly rssMb: number;
  /** All open holds, by pages of 100. */
  readonly listMs: number;
  /** From starting a new process, after kill -9, until each hold is open again with a token that waits. */
  readonly resumeAllMs: number;
  /** Of which this much is work of the new process's threads. */
  readonly resumeCpuMs: number;
}

/** Holds so many runs in a process of its own, kills it, and starts another on the same data folder. */
export async function measurePaused(data: string, sandboxUrl: string, count: number): Promise<Paused> {
  const start = (task: string) =>
    startChild('paused-child.ts', [task, data, sandboxUrl, String(count)], ['--expose-gc']);
  const first = start('hold');
  const held = await first.next<{ rssMb: number; memoryMb: number; listMs: number }>();
  await first.kill('SIGKILL');

  const from = performance.now();
  const second = start('hold again');
  await second.next<'held'>();
  const resumeAllMs = round(performance.now() - from, 0);
  const { live, cpuMs } = await second.next<{ live: number; cpuMs: number }>();
  await second.kill('SIGKILL');
  if (live !== count) throw new Error(`only ${live} of ${count} holds have a token that waits`);
  return { count, ...held, resumeAllMs, resumeCpuMs: cpuMs };
}
