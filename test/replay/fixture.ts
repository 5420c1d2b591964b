import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Item } from '../../lambdas/journal/journal.ts';
import type { Routes } from '../../lambdas/oversight/route.ts';

/** What a run looked like to the release that recorded it. */
export interface Seen {
  readonly view: unknown;
  readonly verified: unknown;
  /** Where it stood after each of its records, by sort key. */
  readonly stands: Readonly<Record<string, string>>;
}

/** Recorded runs, and what the release that recorded them made of them. */
export interface Fixture {
  readonly release: string;
  readonly name: string;
  /** In the order in which they were written. */
  readonly items: readonly Item[];
  /** Of each run. */
  readonly seen: Readonly<Record<string, Seen>>;
  /** The routes they were recorded with, where those are not the sample's. */
  readonly routes?: Routes;
}

const FOLDER = join(import.meta.dirname, '../fixtures/runs');

export const runIdOf = ({ pk }: Pick<Item, 'pk'>) => pk.slice(pk.indexOf('#') + 1);
export const isStanding = ({ pk }: Pick<Item, 'pk'>) => pk.startsWith('standing#');
export const runIdsOf = (items: readonly Item[]): readonly string[] => [
  ...new Set(items.filter((item) => !isStanding(item)).map(runIdOf)),
];
export const folderOf = (release: string) => join(FOLDER, release);

/** Every recorded fixture of every release: NAME.jsonl has the records as stored, NAME.seen.json the rest. */
export function readFixtures(): readonly Fixture[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: release }) =>
      readdirSync(folderOf(release))
        .filter((file) => file.endsWith('.jsonl'))
        .map((file) => readFixture(release, file.replace(/\.jsonl$/, ''))),
    );
}

function readFixture(release: string, name: string): Fixture {
  const file = (ending: string) => readFileSync(join(folderOf(release), `${name}.${ending}`), 'utf8');
  const items = file('jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Item);
  return { release, name, items, ...(JSON.parse(file('seen.json')) as Pick<Fixture, 'seen' | 'routes'>) };
}

export function writeFixture({ release, name, items, ...seen }: Fixture): void {
  mkdirSync(folderOf(release), { recursive: true });
  const lines = items.map(({ pk, sk, hash, body }) => JSON.stringify({ pk, sk, hash, body }));
  writeFileSync(join(folderOf(release), `${name}.jsonl`), `${lines.join('\n')}\n`);
  writeFileSync(join(folderOf(release), `${name}.seen.json`), `${JSON.stringify(seen, null, 1)}\n`);
}

/** The order in which records say that they were written; of one millisecond, each after those it follows from. */
export function inOrder(items: readonly Item[]): readonly Item[] {
  const said = items.map((item) => ({
    item,
    ...(JSON.parse(item.body) as { at: string; after: Record<string, string> }),
  }));
  said.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const byPlace = new Map(said.map((each) => [`${runIdOf(each.item)} ${each.item.sk}`, each]));
  const placed = new Set<Item>();
  const place = (each: (typeof said)[number]): void => {
    if (placed.has(each.item)) return;
    for (const sk of Object.keys(each.after)) {
      const before = byPlace.get(`${runIdOf(each.item)} ${sk}`);
      if (before) place(before);
    }
    placed.add(each.item);
  };
  for (const each of said) place(each);
  return [...placed];
}
