import { expect, it } from 'vitest';
import { runKills } from './run-kills.ts';

it('F32: the local stack, killed with -9 ten times with eight runs in flight, loses nothing and doubles nothing', async () => {
  const killed = await runKills({ kills: 10, seed: 7, tool: 'keyed', inFlight: 8, lifeMs: 600 });
  expect(killed.problems).toEqual([]);
  expect(killed).toMatchObject({ kills: 10, duplicates: 0, lost: 0, unauthorised: 0 });
  expect(killed.runs).toBeGreaterThan(0);
  expect(killed.effects).toBe(2 * killed.runs);
}, 180_000);
