import { expect, it } from 'vitest';
import { runMatrix } from './run-matrix.ts';
import { sampleOf } from './sample.ts';

const SIZE = 12;
const SEED = 20261122;

it(`F32: ${SIZE} points of the matrix, each killed with -9, are taken up by another process: no effect twice, none without authority, nothing lost`, async () => {
  const { points, rows } = await runMatrix({
    scenarios: ['w', 'wire', 'cancel', 'grant'],
    choose: (cells) => sampleOf(cells, SIZE, SEED),
    together: SIZE / 2,
  });
  expect(points).toBeGreaterThan(100);
  expect(rows).toHaveLength(SIZE);
  const bad = rows.filter(({ judged: { duplicates, lost, unauthorised } }) =>
    [duplicates, lost, unauthorised].some((list) => list.length > 0),
  );
  expect(bad).toEqual([]);
  expect(rows.filter(({ reached }) => reached).length).toBeGreaterThan(SIZE / 2);
}, 60_000);
