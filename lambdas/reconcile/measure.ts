import type { Rows } from '../journal/rows.ts';
import type { Counts } from '../observe/metrics.ts';

/** What waits for people: measured before a pass, which changes it. */
export async function measure(rows: Rows, now: Date): Promise<Counts> {
  const time = now.getTime();
  const holds = await rows.openHolds();
  const opened = holds.map(({ openedAt }) => Date.parse(openedAt));
  return {
    OpenHolds: holds.length,
    OpenDoubts: holds.filter(({ asks }) => asks === 'doubt').length,
    OldestHold: Math.max(0, Math.round((time - Math.min(time, ...opened)) / 1000)),
  };
}
