import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import type { Power } from '../../lambdas/journal/keys.ts';
import { type Core, type CoreOptions, openCore } from '../../lib/local/core.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { type Judgement, judge } from './judge.ts';
import { createPeople, readAcks, readLedger } from './people.ts';
import { type Intercept, unobserved, wrapFetch, wrapPorts } from './ports.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** One run of a scenario in a folder and with a sandbox of its own. */
export interface Place {
  readonly folder: string;
  readonly sandboxUrl: string;
  readonly scenario: string;
}

export interface Opened {
  readonly core: Core;
  readonly people: ReturnType<typeof createPeople>;
  readonly acks: string;
  /** Another process was here before. */
  readonly resumed: boolean;
  close(): Promise<void>;
}

export interface CellOptions extends Pick<CoreOptions, 'now'> {
  readonly intercept: Intercept;
  readonly dead?: () => boolean;
  readonly report?: CoreOptions['report'];
}

/** Opens the whole system but HTTP over a cell's folder, and puts the scenario's people before it. */
export async function openCell(place: Place, options: CellOptions): Promise<Opened> {
  const { intercept, dead, now, report = () => {} } = options;
  const scenario = scenarioOf(place);
  const acks = join(place.folder, 'acks.jsonl');
  const resumed = existsSync(join(place.folder, 'data'));
  let core: Core | undefined;
  const people = createPeople({
    core: () => core as Core,
    scenario,
    sandboxUrl: place.sandboxUrl,
    acks,
    ...(dead ? { dead } : {}),
  });
  const unwrap = wrapFetch(place.sandboxUrl, intercept);
  core = await openCore({
    data: join(place.folder, 'data'),
    publicUrl: 'http://127.0.0.1:1',
    sandboxUrl: place.sandboxUrl,
    notifier: {
      send: async (notices) => {
        for (const { at, hold } of notices) setImmediate(() => people.decide(at, hold).catch(() => {}));
      },
    },
    report,
    retryMs: 20,
    wrap: (around) => wrapPorts(around, intercept),
    ...(now ? { now } : {}),
    ...scenario.core,
    ...(scenario.env ? { env: scenario.env } : {}),
  });
  const { dynamodb } = core.environment;
  for (const Item of SAMPLE_CUSTOMERS)
    await unobserved(() => dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item })));
  return {
    core,
    people,
    acks,
    resumed,
    close: async () => {
      unwrap();
      await core.stop();
    },
  };
}

export function scenarioOf({ scenario }: Place): Scenario {
  const found = SCENARIOS[scenario];
  if (!found) throw new RangeError(`no scenario ${scenario}: choose ${Object.keys(SCENARIOS).join(', ')}`);
  return found;
}

/** The one run of a cell, and what is left to be done for it. */
export const look = ({ core }: Opened) =>
  unobserved(async () => {
    const { rows } = core.environment;
    const [[row], holds] = await Promise.all([rows.list('run'), rows.list('hold')]);
    return { row, holds, quiet: row !== undefined && row.due === undefined && holds.length === 0 };
  });

/** Judges a cell by what is left in its folder and in its sandbox. */
export async function judgeCell(
  opened: Opened,
  place: Place,
  clock?: (at: string) => string,
): Promise<Judgement> {
  const { journal } = opened.core.environment;
  const { row, holds } = await look(opened);
  const acks = readAcks(opened.acks);
  const runId = row?.id ?? acks.find((ack) => ack.as === 'started')?.runId ?? '';
  const powers: Power[] = ['proposals', 'oversight', 'effects'];
  const items: Item[] = [];
  for (const power of powers) items.push(...(await unobserved(() => journal.items(runId, power))));
  const { effects, attempts } = await readLedger(place.sandboxUrl);
  const expected = scenarioOf(place).ends;
  return judge({ runId, items, row, holds, acks, effects, attempts, expected, ...(clock ? { clock } : {}) });
}
