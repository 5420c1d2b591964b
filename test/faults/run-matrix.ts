import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { type Place, scenarioOf } from './cell.ts';
import type { Crash, Point } from './crash.ts';
import type { Drained } from './drain.ts';
import { SCENARIOS } from './scenarios.ts';
import { startWorker, type Worker } from './workers.ts';

export interface Row extends Point {
  readonly scenario: string;
  readonly when: Crash['when'];
  /** The point was not passed this time: another caller's call came first. */
  readonly reached: boolean;
  readonly judged: Drained;
}

export interface MatrixOptions {
  readonly scenarios?: readonly string[];
  /** Which cells of those that there are. @default all */
  readonly choose?: (cells: readonly Cell[]) => readonly Cell[];
  /** Processes at once. @default 2 */
  readonly workers?: number;
  /** Cells that die of one kill. @default 24 */
  readonly together?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export type Cell = Omit<Crash, keyof Place> & { readonly scenario: string };

export interface Matrix {
  readonly points: number;
  readonly rows: readonly Row[];
}

/**
 * Every point of the scenarios × {before, after}: a process plays up to the point and is killed there, another one
 * takes up what it left, and the downstream's ledger is compared with what the records say.
 */
export async function runMatrix(options: MatrixOptions = {}): Promise<Matrix> {
  const { scenarios = Object.keys(SCENARIOS), choose, workers = 2, together = 24, onProgress } = options;
  const root = await mkdtemp(join(tmpdir(), 'holdpoint-matrix-'));
  const drainers = Array.from({ length: workers }, startWorker);
  try {
    const cells: Cell[] = [];
    let points = 0;
    for (const scenario of scenarios) {
      const { place, close } = await openPlace(root, scenario);
      await killBefore([place]);
      const found = await (drainers[0] as Worker).order<Point[]>({ do: 'trace', place });
      await close();
      points += found.length;
      for (const point of found)
        for (const when of ['before', 'after'] as const) cells.push({ scenario, point, when });
    }
    const chosen = choose?.(cells) ?? cells;
    const rows: Row[] = [];
    const batches = Array.from({ length: Math.ceil(chosen.length / together) }, (_, n) =>
      chosen.slice(n * together, (n + 1) * together),
    ).values();
    await Promise.all(
      drainers.map(async (drainer) => {
        for (const batch of batches) {
          rows.push(...(await crashTogether(root, batch, drainer)));
          onProgress?.(rows.length, chosen.length);
        }
      }),
    );
    rows.sort((a, b) => orderOf(chosen, a) - orderOf(chosen, b));
    return { points, rows };
  } finally {
    await Promise.all(drainers.map((drainer) => drainer.end()));
    await rm(root, { recursive: true, force: true });
  }
}

const orderOf = (cells: readonly Cell[], row: Row) =>
  cells.findIndex(
    ({ scenario, point, when }) =>
      scenario === row.scenario && point.label === row.label && point.nth === row.nth && when === row.when,
  );

/** Several cells in one process, each with a folder and a sandbox of its own, which outlives it. */
async function crashTogether(root: string, cells: readonly Cell[], drainer: Worker): Promise<Row[]> {
  const places: Awaited<ReturnType<typeof openPlace>>[] = [];
  for (const { scenario } of cells) places.push(await openPlace(root, scenario));
  await killBefore(places.map(({ place }) => place));
  const reached = await killAt(places.map(({ place }, i) => ({ ...(cells[i] as Cell), ...place })));
  return Promise.all(
    places.map(async ({ place, close }, i) => {
      const { scenario, point, when } = cells[i] as Cell;
      const judged = await drainer.order<Drained>({ do: 'drain', place });
      await close();
      return { scenario, ...point, when, reached: reached[i] === true, judged };
    }),
  );
}

/** For scenarios that begin with a death. */
async function killBefore(places: readonly Place[]): Promise<void> {
  const crashes = places.flatMap((place): Crash[] => {
    const { after } = scenarioOf(place);
    return after ? [{ ...place, point: { label: after.label, nth: after.nth }, when: after.when }] : [];
  });
  const reached = crashes.length > 0 ? await killAt(crashes) : [];
  if (reached.includes(false)) throw new Error('a scenario has not come to the point where it begins');
}

/** Plays all of these up to their points in one process, and kills it. @returns which points were reached */
async function killAt(crashes: readonly Crash[]): Promise<readonly boolean[]> {
  const crasher = startWorker();
  try {
    const reached = await crasher.order<boolean[]>({ do: 'crash', crashes });
    const signal = await crasher.gone;
    if (signal !== 'SIGKILL')
      throw new Error(`the process should have been killed, and ended with ${signal}`);
    return reached;
  } finally {
    await crasher.end();
  }
}

async function openPlace(root: string, scenario: string) {
  const folder = await mkdtemp(join(root, `${scenario}-`));
  const sandbox = await startSandbox({ port: 0, file: join(folder, 'ledger.jsonl') });
  const place: Place = { folder, sandboxUrl: sandbox.url, scenario };
  const close = async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { place, close };
}
