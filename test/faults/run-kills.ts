import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { decode, type Item, Journal } from '../../lambdas/journal/journal.ts';
import type { Power } from '../../lambdas/journal/keys.ts';
import type { HoldRow, RunRow } from '../../lambdas/journal/row-kinds.ts';
import { Rows } from '../../lambdas/journal/rows.ts';
import { openDataFolder } from '../../lib/local/data-folder.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { freePorts } from '../support/local-process.ts';
import { createDriver } from './driver.ts';
import { type Judgement, judge } from './judge.ts';
import { randomOf } from './sample.ts';

const STACK = join(import.meta.dirname, '../../bin/local.ts');
const BLIND_STACK = join(import.meta.dirname, 'blind-stack.ts');

/** What each tool class is tried with, on which stack, and how many effects one run has. */
export const WORKLOADS = {
  keyed: { model: 'scripted:w', effects: 2, entry: STACK },
  /** The downstream can be asked whether it happened. */
  never: { model: 'scripted:wire', effects: 1, entry: STACK },
  /** It cannot: people are. */
  blind: { model: 'scripted:wire', effects: 1, entry: BLIND_STACK },
} as const;

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly tool: keyof typeof WORKLOADS;
  /** Runs in flight. @default 8 */
  readonly inFlight?: number;
  /** How long a process lives at most once it is up, in milliseconds; a quarter of them die before. @default 1000 */
  readonly lifeMs?: number;
  readonly drainMs?: number;
  readonly onProgress?: (text: string) => void;
}

export interface Killed {
  readonly kills: number;
  readonly runs: number;
  /** Tries of effects that were under way when their process was killed. */
  readonly runningAtKill: number;
  /** Runs that had not ended, over all kills. */
  readonly inFlightAtKill: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly unauthorised: number;
  readonly inDoubt: number;
  /** Calls that the downstream received, and what it did. */
  readonly attempts: number;
  readonly effects: number;
  readonly problems: readonly string[];
}

/** Kills the local stack at random instants of its life, start-up included, goes on until all is quiet, and compares. */
export async function runKills(options: KillOptions): Promise<Killed> {
  const { kills, seed, tool, inFlight = 8, lifeMs = 1_000, drainMs = 300_000, onProgress } = options;
  const random = randomOf(seed);
  const data = await mkdtemp(join(tmpdir(), 'holdpoint-kill-'));
  const [port = 0, sandboxPort = 0] = await freePorts(2);
  const [url, sandboxUrl] = [port, sandboxPort].map((each) => `http://127.0.0.1:${each}`) as [string, string];
  const { model, effects: expected, entry } = WORKLOADS[tool];
  const live = () =>
    start(entry, url, { HOLDPOINT_DATA: data, PORT: `${port}`, SANDBOX_PORT: `${sandboxPort}` });
  let stack = live();
  const driver = createDriver({ data, url, sandboxUrl, model, inFlight });
  try {
    const deaths: string[] = [];
    let inFlightAtKill = 0;
    let startMs = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const dies = random();
      // The first life tells how long a start takes here.
      if (kill === 1 || dies > BEFORE_UP) {
        startMs = await stack.up();
        await pause(random() * lifeMs);
      } else {
        await pause((dies / BEFORE_UP) * startMs);
      }
      inFlightAtKill += driver.running.size;
      await stack.kill();
      deaths.push(new Date().toISOString());
      onProgress?.(`${kill} of ${kills} kills, ${driver.acks.size} runs`);
      stack = live();
    }
    onProgress?.('waiting until all is quiet');
    const quiet = await driver.finish(drainMs);
    if (quiet) await driver.idle(60_000);
    const ledger = await driver.ledger();
    await driver.end();
    await stack.kill();
    const runs = await evidenceOf(data);
    const judged = runs.map((run): Judgement & { readonly runId: string } => ({
      runId: run.runId,
      ...judge({
        ...run,
        ...ledger,
        acks: driver.acks.get(run.runId) ?? [],
        expected: { status: 'finished', effects: expected },
      }),
    }));
    const unknown = [...driver.acks.keys()].filter((runId) => !runs.some((run) => run.runId === runId));
    const count = (what: (one: Judgement) => number) => judged.reduce((sum, one) => sum + what(one), 0);
    return {
      kills,
      runs: runs.length,
      runningAtKill: underWay(runs, deaths),
      inFlightAtKill,
      duplicates: count((one) => one.duplicates.length),
      lost: count((one) => one.lost.length) + unknown.length,
      unauthorised: count((one) => one.unauthorised.length),
      inDoubt: count((one) => one.inDoubt),
      attempts: ledger.attempts.length,
      effects: ledger.effects.length,
      problems: [
        ...unknown.map((runId) => `${runId}: acknowledged, and not there`),
        ...judged.flatMap(({ runId, duplicates, lost, unauthorised }) =>
          [...duplicates, ...unauthorised, ...lost].map((what) => `${runId}: ${what}`),
        ),
      ],
    };
  } finally {
    await driver.end();
    await stack.kill();
    await rm(data, { recursive: true, force: true });
  }
}

/** So many of the lives end while the stack starts. */
const BEFORE_UP = 0.25;
const MOST_START_MS = 60_000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function start(entry: string, url: string, settings: Readonly<Record<string, string>>) {
  const began = Date.now();
  const child: ChildProcess = spawn(process.execPath, [entry, '--no-sample'], {
    env: { ...process.env, ...settings, SANDBOX_DELAY_MS: '20' },
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  return {
    /** Resolves when it answers. @returns how long that took, in milliseconds */
    up: async (): Promise<number> => {
      for (;;) {
        const took = Date.now() - began;
        const answered = await fetch(`${url}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (answered) return took;
        if (took > MOST_START_MS || child.exitCode !== null) throw new Error('the stack does not come up');
        await pause(10);
      }
    },
    kill: async () => {
      child.kill('SIGKILL');
      const [code, signal] = await exit;
      if (signal !== 'SIGKILL') throw new Error(`the stack had ended by itself, with ${code ?? signal}`);
    },
  };
}

interface Run {
  readonly runId: string;
  readonly items: readonly Item[];
  readonly row: RunRow;
  readonly holds: readonly HoldRow[];
}

/** Every run of a data folder that nobody has open. */
async function evidenceOf(data: string): Promise<Run[]> {
  const folder = await openDataFolder(data);
  try {
    const dynamodb = DynamoDBDocumentClient.from(folder.dynamodb.client());
    const journal = new Journal({ dynamodb, table: TABLES.journal, now: () => new Date() });
    const rows = new Rows({ dynamodb, table: TABLES.rows });
    const runs: Run[] = [];
    for (const row of await rows.list('run')) {
      const powers: Power[] = ['proposals', 'oversight', 'effects'];
      const items = (await Promise.all(powers.map((power) => journal.items(row.id, power)))).flat();
      runs.push({ runId: row.id, items, row, holds: await rows.list('hold', `${row.id}.`) });
    }
    return runs;
  } finally {
    await folder.close();
  }
}

/** Tries that had begun when a process died, and of which nothing had been recorded yet. */
function underWay(runs: readonly Run[], deaths: readonly string[]): number {
  return runs
    .flatMap(({ items }) => triesOf(items))
    .filter(({ from, to }) => deaths.some((death) => from <= death && death < to)).length;
}

function triesOf(items: readonly Item[]): { readonly from: string; readonly to: string }[] {
  const bodies = items.map((item) => ({ sk: item.sk, body: decode(item).body }));
  const at = new Map(bodies.map(({ sk, body }) => [sk, body.at]));
  return bodies.flatMap(({ sk, body }) => {
    if (body.kind !== 'intent' || body.instead) return [];
    const [, action, number] = /^(act#.+)#try#(\d+)#intent$/.exec(sk) ?? [];
    if (action === undefined) return [];
    const later = [
      `${action}#try#${number}#outcome`,
      `${action}#try#${Number(number) + 1}#intent`,
      `${action}#result`,
    ];
    const to = later.flatMap((key) => at.get(key) ?? []).sort()[0] ?? '9999';
    return [{ from: body.at, to }];
  });
}
