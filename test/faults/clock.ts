import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Leap {
  /** The real moment, and how far the clock is ahead from then on, in milliseconds. */
  readonly real: number;
  readonly offset: number;
}

export type Clock = ReturnType<typeof createClock>;

/** The clock of a cell. It is moved, never waited for, and a crash does not put it back. */
export function createClock(folder: string) {
  const file = join(folder, 'leaps.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const leaps = lines.map((line) => JSON.parse(line) as Leap);
  const ahead = (real: number) => leaps.findLast((leap) => leap.real <= real)?.offset ?? 0;
  return {
    now: () => new Date(Date.now() + ahead(Date.now())),
    leap(milliseconds: number): void {
      const real = Date.now();
      const leap = { real, offset: ahead(real) + milliseconds };
      leaps.push(leap);
      appendFileSync(file, `${JSON.stringify(leap)}\n`);
    },
    /** The cell's time at a moment of somebody else's, whose clock is not moved. */
    at: (real: string) => new Date(Date.parse(real) + ahead(Date.parse(real))).toISOString(),
  };
}
