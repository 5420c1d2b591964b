import { storedBytes } from './long-run.ts';
import { percentile, round } from './statistics.ts';
import type { Subject } from './subject.ts';

export const LENGTHS = [10, 50, 200] as const;
type Length = `${(typeof LENGTHS)[number]}`;

export interface Turns {
  readonly bytesPerTurn: number;
  readonly msPerTurn: number;
  readonly cpuMsPerTurn: number;
}

/** Runs of many turns: what a turn stores and takes must not grow with the length of its run. */
export async function measureTurns(subject: Subject, repeats: number): Promise<Record<Length, Turns>> {
  const samples = new Map(LENGTHS.map((length) => [length, { ms: [] as number[], cpu: [] as number[] }]));
  const bytes = new Map<number, number>();
  // Interleaved, so that what else the machine does falls on all lengths alike.
  for (let repeat = 0; repeat <= repeats; repeat += 1) {
    for (const length of LENGTHS) {
      const cpu = process.cpuUsage();
      const from = performance.now();
      const { runId } = await subject.finish(`turns-${length}`, 'marathon');
      const ms = performance.now() - from;
      const { user, system } = process.cpuUsage(cpu);
      if (repeat === 0) bytes.set(length, await storedBytes(subject.core, runId));
      if (repeat === 0 && repeats > 1) continue;
      samples.get(length)?.ms.push(ms / length);
      samples.get(length)?.cpu.push((user + system) / 1000 / length);
    }
  }
  return Object.fromEntries(
    LENGTHS.map((length) => {
      const { ms, cpu } = samples.get(length) ?? { ms: [], cpu: [] };
      const turns: Turns = {
        bytesPerTurn: Math.round((bytes.get(length) ?? 0) / length),
        msPerTurn: round(percentile(ms, 0.5)),
        cpuMsPerTurn: round(percentile(cpu, 0.5)),
      };
      return [String(length), turns];
    }),
  ) as Record<Length, Turns>;
}
