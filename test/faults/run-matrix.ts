import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../lambdas/sandbox/start-sandbox.ts';
import { type CallSite, unreachedIn } from './calls.ts';
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
  /** Cells that die of one kill. @default 48 */
  readonly together?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export type Cell = Omit<Crash, keyof Place> & { readonly scenario: string };

export interface Matrix {
  readonly points: number;
  readonly rows: readonly Row[];
  /** Calls that no scenario makes; looked at when all are played. */
  readonly unreached: readonly CallSite[];
  /** Kinds of calls that scenarios make, and of which no point is left. */
  readonly cut: readonly string[];
}

/**
 * Every point of the scenarios × {before, after}: a process plays up to the point and is killed there, another one
 * takes up what it left, and the downstream's ledger is compared with what the records say.
 */
export async function runMatrix(options: MatrixOptions = {}): Promise<Matrix> {
  const { scenarios, choose, workers = 2, together = 48, onProgress } = options;
  const root = await mkdtemp(join(tmpdir(), 'holdpoint-matrix-'));
  const drainers: Worker[] = [];
  try {
    const played = scenarios ?? Object.keys(SCENARIOS);
    const traced = await traceAll(root, played, workers, scenarios === undefined);
    const cells = played.flatMap((scenario) =>
      pointsOf(scenario, traced.points.get(scenario) ?? []).flatMap((point) =>
        (['before', 'after'] as const).map((when): Cell => ({ scenario, point, when })),
      ),
    );
    const points = cells.length / 2;
    const left = new Set(cells.map(({ point }) => kindOf(point)));
    const cut = [...new Set([...traced.points.values()].flat().map(kindOf))].filter(
      (kind) => !left.has(kind),
    );
    const chosen = choose?.(cells) ?? cells;
    drainers.push(...Array.from({ length: workers }, () => startWorker()));
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
    return { points, rows, unreached: traced.unreached, cut };
  } finally {
    await Promise.all(drainers.map((drainer) => drainer.end()));
    await rm(root, { recursive: true, force: true });
  }
}

/** Plays every scenario once, without any fault. */
async function traceAll(root: string, scenarios: readonly string[], workers: number, covered: boolean) {
  const points = new Map<string, readonly Point[]>();
  const opened = new Map<string, Awaited<ReturnType<typeof openPlace>>>();
  for (const scenario of scenarios) opened.set(scenario, await openPlace(root, scenario));
  await killBefore([...opened.values()].map(({ place }) => place));
  const left = opened.entries();
  const folders = await Promise.all(
    Array.from({ length: workers }, async () => {
      const folder = await mkdtemp(join(root, 'coverage-'));
      const tracer = startWorker(covered ? folder : undefined);
      try {
        for (const [scenario, { place, close }] of left) {
          points.set(scenario, await tracer.order<Point[]>({ do: 'trace', place }));
          await close();
        }
      } finally {
        await tracer.end();
      }
      return folder;
    }),
  );
  return { points, unreached: covered ? unreachedIn(folders) : [] };
}

/** Of the same kind are calls of the same function for the same thing, of whichever action, hold, try or person. */
const kindOf = ({ label }: Point) =>
  label
    .replace(/ and \d+ more$/, '')
    .replace(/(C-|#|\.|turn )\d+/g, '$1n')
    .replace(/(vote#|approver |brake )[\w:]+/, '$1of');

/** Those of its points that a scenario is about. @throws Error where one of its ranges is not there */
function pointsOf(scenario: string, points: readonly Point[]): readonly Point[] {
  const ranges = SCENARIOS[scenario]?.only;
  if (!ranges) return points;
  let at = 0;
  return ranges.flatMap(([from, until]) => {
    const find = (label: string, after: number) => {
      const found = points.findIndex((point, index) => index >= after && point.label === label);
      if (found < 0) throw new Error(`${scenario} does not come to "${label}"`);
      return found;
    };
    const first = find(from, at);
    at = until === undefined ? points.length : find(until, first);
    return points.slice(first, at);
  });
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
