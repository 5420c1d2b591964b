import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { SAMPLE_CUSTOMERS } from '../../lambdas/agents/sample-data.ts';
import type { Item } from '../../lambdas/journal/journal.ts';
import type { Power } from '../../lambdas/journal/keys.ts';
import { createModel } from '../../lambdas/model/configured-model.ts';
import type { Notice } from '../../lambdas/notify/notify.ts';
import { type Core, type CoreOptions, openCore } from '../../lib/local/core.ts';
import { TABLES } from '../../lib/local/layout.ts';
import { createAcks } from './acks.ts';
import { type Clock, createClock } from './clock.ts';
import { type Judgement, judge } from './judge.ts';
import { createPeople, readLedger } from './people.ts';
import { type Intercept, unobserved, wrapFetch, wrapPorts } from './ports.ts';
import { played } from './proposals.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

/** One run of a scenario in a folder and with a sandbox of its own. */
export interface Place {
  readonly folder: string;
  readonly sandboxUrl: string;
  readonly scenario: string;
}

export interface Opened {
  readonly core: Core;
  readonly people: ReturnType<typeof createPeople>;
  readonly scenario: Scenario;
  readonly clock: Clock;
  /** Another process was here before. */
  readonly resumed: boolean;
  close(): Promise<void>;
}

export interface CellOptions {
  readonly intercept: Intercept;
  readonly dead?: () => boolean;
  readonly report?: CoreOptions['report'];
}

/** Opens the whole system but HTTP over a cell's folder, and puts the scenario's people before it. */
export async function openCell(place: Place, options: CellOptions): Promise<Opened> {
  const { dead = () => false, report = () => {} } = options;
  const scenario = scenarioOf(place);
  const acks = acksOf(place, dead);
  const clock = createClock(place.folder);
  const resumed = existsSync(join(place.folder, 'data'));
  let core: Core | undefined;
  const people = createPeople({ core: () => core as Core, scenario, sandboxUrl: place.sandboxUrl, acks });
  const intercept = withFaults(scenario, options.intercept, () =>
    scenario.meanwhile?.does(core as Core, people.hands),
  );
  const unwrap = wrapFetch(place.sandboxUrl, intercept);
  core = await openCore({
    data: join(place.folder, 'data'),
    publicUrl: 'http://127.0.0.1:1',
    sandboxUrl: place.sandboxUrl,
    notifier: { send: teller(scenario, people) },
    report,
    retryMs: 20,
    now: clock.now,
    wrap: (around) => {
      const makeModel = (spec: string) =>
        spec === 'played'
          ? played((resumed && scenario.otherwise) || (scenario.turns ?? []))
          : createModel(spec, around.env);
      const { rounds, oneByOne } = scenario;
      return wrapPorts(
        {
          ...around,
          createModel: makeModel,
          ...(rounds === undefined ? {} : { roundsPerExecution: rounds }),
          ...(oneByOne === undefined ? {} : { oneByOne }),
        },
        intercept,
      );
    },
    ...scenario.core,
    ...(scenario.env ? { env: scenario.env } : {}),
  });
  const { dynamodb } = core.environment;
  for (const Item of SAMPLE_CUSTOMERS)
    await unobserved(() => dynamodb.send(new PutCommand({ TableName: TABLES.customers, Item })));
  return {
    core,
    people,
    scenario,
    clock,
    resumed,
    close: async () => {
      unwrap();
      await core.stop();
    },
  };
}

const acksOf = ({ folder }: Place, dead = () => false) => createAcks(join(folder, 'acks.jsonl'), dead);

/** Who is told decides, in their own time. */
function teller({ untold = () => false }: Scenario, people: Opened['people']) {
  const sent: Notice['about'][] = [];
  return async (notices: readonly Notice[]) => {
    for (const { about } of notices) {
      sent.push(about);
      if (untold(about, sent.filter((each) => each === about).length)) throw new Error('no mail today');
    }
    for (const { at, hold } of notices) setImmediate(() => people.decide(at, hold).catch(() => {}));
  };
}

/** The calls that a scenario has fail, and what it has happen right after one. */
function withFaults({ fails, meanwhile }: Scenario, intercept: Intercept, act: () => unknown): Intercept {
  let left = fails?.times ?? 0;
  const failing: Intercept = async ({ label }, proceed) => {
    if (left > 0 && fails?.label.test(label)) {
      left -= 1;
      throw new Error('no answer');
    }
    return proceed();
  };
  return async (call, proceed) => {
    const answer = await intercept(call, () => failing(call, proceed));
    if (call.label === meanwhile?.after) await act();
    return answer;
  };
}

export function scenarioOf({ scenario }: Place): Scenario {
  const found = SCENARIOS[scenario];
  if (!found) throw new RangeError(`no scenario ${scenario}: choose ${Object.keys(SCENARIOS).join(', ')}`);
  return found;
}

/** The one run of a cell, and whether nothing is left to be done for it. */
export const look = ({ core, scenario }: Opened) =>
  unobserved(async () => {
    const { rows } = core.environment;
    const [[row], holds] = await Promise.all([rows.list('run'), rows.list('hold')]);
    const ended = scenario.givesUp ? row === undefined : row !== undefined && row.due === undefined;
    return { row, holds, ended, quiet: ended && holds.length === 0 };
  });

/** Judges a cell by what is left in its folder and in its sandbox. */
export async function judgeCell(opened: Opened, place: Place): Promise<Judgement> {
  const { journal, rows } = opened.core.environment;
  const { row, holds } = await look(opened);
  const acks = acksOf(place).all();
  const started = acks.find((ack) => ack.as === 'started');
  const runId = row?.id ?? started?.runId ?? '';
  const powers: Power[] = ['proposals', 'oversight', 'effects'];
  const items: Item[] = [];
  for (const power of powers) items.push(...(await unobserved(() => journal.items(runId, power))));
  const [counters, grants] = await unobserved(() => Promise.all([rows.list('counter'), rows.list('grant')]));
  const { effects, attempts } = await readLedger(place.sandboxUrl);
  const expected = opened.scenario.ends;
  return judge({
    ...{ runId, items, row, holds, counters, grants, acks, effects, attempts, expected },
    clock: opened.clock.at,
  });
}
