import type { Item, Records } from '../../lambdas/journal/journal.ts';
import type { Code } from './code.ts';
import { comparable } from './comparable.ts';
import { firstGap, type Gap } from './difference.ts';
import { type Fixture, runIdOf, runIdsOf } from './fixture.ts';
import { attempt, misread } from './misread.ts';
import type { OnPurpose } from './on-purpose.ts';
import { cameWithIntent, rerun } from './rerun.ts';
import { seenOf } from './seen.ts';
import type { World } from './world.ts';

/** The first thing that today's code makes otherwise of a recorded run. */
export interface Difference extends Gap {
  /** `RELEASE/NAME.jsonl` */
  readonly file: string;
  readonly runId: string;
  /** Sort key of the record; none where it is what the run as a whole came to. */
  readonly sk?: string;
}

export const said = ({ file, sk, runId, field, recorded, today }: Difference): string =>
  `${file}: ${sk ?? 'the end'} of ${runId}: ${field} was ${JSON.stringify(recorded)}, is ${JSON.stringify(today)}`;

interface Replayed {
  readonly code: Code;
  readonly world: World;
  readonly fixture: Fixture;
  /** Whether a field of a record, or of the run where there is no record, may differ. */
  readonly meant: (sk: string) => (field: string) => boolean;
}

/** A gap, and the record that it is in. */
interface Found {
  readonly gap: Gap;
  readonly runId: string;
  readonly sk?: string;
}

/**
 * Replays recorded runs on today's code, record by record in the order of writing:
 *
 *  1. each record can be read, means what it meant, has its hash, and lies where today's code would put it
 *  2. after each, the run stands where it stood then, and the same is to be done next; in the end its view and its
 *     verified graph are what they were
 *  3. from what was written before it, today's functions write that very record, with the answers of model, people and
 *     tools as they were recorded
 */
export async function replay(
  code: Code,
  world: World,
  fixture: Fixture,
  onPurpose: readonly OnPurpose[] = [],
): Promise<Difference | undefined> {
  const file = `${fixture.release}/${fixture.name}.jsonl`;
  const meant = (sk: string) => (field: string) =>
    onPurpose.some(
      (one) => file.startsWith(one.file) && sk.endsWith(one.sk) && `${field}.`.startsWith(`${one.field}.`),
    );
  const of: Replayed = { code, world, fixture, meant };
  const found = readsOtherwise(of) ?? standsOtherwise(of) ?? (await writesOtherwise(of));
  if (!found) return undefined;
  const { gap, ...where } = found;
  return { file, ...where, ...gap };
}

const whereOf = (item: Item) => ({ runId: runIdOf(item), sk: item.sk });

function readsOtherwise({ code, fixture }: Replayed): Found | undefined {
  for (const item of fixture.items) {
    const gap = misread(code, item);
    if (gap) return { gap, ...whereOf(item) };
  }
  return undefined;
}

function standsOtherwise({ code, fixture, meant }: Replayed): Found | undefined {
  const { items, seen, routes = code.routes } = fixture;
  for (const runId of runIdsOf(items)) {
    const today = attempt(() => seenOf(code, items, runId, routes));
    if ('failed' in today) return { gap: today.failed, runId };
    const before = seen[runId];
    for (const item of items.filter((one) => runIdOf(one) === runId)) {
      const options = { path: 'stand', isMeant: meant(item.sk) };
      const gap = firstGap(before?.stands[item.sk], today.done.stands[item.sk], options);
      if (gap) return { gap, ...whereOf(item) };
    }
    const { verified, view } = JSON.parse(JSON.stringify(today.done)) as typeof today.done;
    const isMeant = meant('');
    const gap =
      firstGap(before?.verified, verified, { path: 'verified', isMeant }) ??
      // A view may say more by now.
      firstGap(before?.view, view, { path: 'view', more: true, isMeant });
    if (gap) return { gap, runId };
  }
  return undefined;
}

async function writesOtherwise({ code, world, fixture, meant }: Replayed): Promise<Found | undefined> {
  const { items, routes } = fixture;
  const wholes = Map.groupBy(items, runIdOf);
  const there = new Set<string>();
  for (const item of items) {
    const { runId, sk } = whereOf(item);
    const whole: Records = new Map((wholes.get(runId) ?? []).map((one) => [one.sk, code.decode(one)]));
    const { body } = code.decode(item);
    const isThere = (other: string) => there.has(`${runId} ${other}`);
    const otherwise = (today: unknown): Found => ({
      gap: { field: 'written', recorded: body.kind, today },
      runId,
      sk,
    });

    world.clock.ms = Date.parse(body.at);
    world.expect({ sk, body, whole, isThere });
    const before = cameWithIntent(body, whole);
    const failed = before
      ? undefined
      : await rerun({ code, world, routes, whole }, item).then(
          () => undefined,
          (error) => String(error),
        );
    const written = await world.takeBack();
    if (failed !== undefined) return otherwise(failed);
    const own = written.find((one) => one.sk === sk);
    if (!own && !before) return otherwise(written.map((one) => one.sk).join(' ') || null);

    // A try that was cut off has no answer that could be replayed: what comes after its intent is no guide.
    const cutOff = body.kind === 'intent' && !body.instead && !followed(item, whole);
    for (const { sk: place, body: today } of cutOff && own ? [own] : written) {
      const recorded = whole.get(place)?.body;
      if (!recorded) return otherwise(`${body.kind} and ${place}`);
      const [was, is] = [recorded, today].map((one) => comparable(one, whole, isThere));
      const gap = firstGap(was, is, { isMeant: meant(place) });
      if (gap) return { gap, runId, sk: place };
    }
    await world.store(item);
    there.add(`${runId} ${sk}`);
  }
  return undefined;
}

/** Whether the call that had begun a try recorded how it ended. */
const followed = ({ sk }: Item, whole: Records): boolean =>
  [sk.replace(/intent$/, 'outcome'), sk.replace(/#try#.*$/, '#result')].some((place) => {
    const body = whole.get(place)?.body;
    return body !== undefined && sk in body.after && cameWithIntent(body, whole);
  });
