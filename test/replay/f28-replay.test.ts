import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SCENARIO_NAMES } from '../../lambdas/model/scenario-files.ts';
import about from '../../package.json' with { type: 'json' };
import { type Mutant, writeMutant } from '../model/mutants.ts';
import { type Code, loadCode } from './code.ts';
import { readFixtures } from './fixture.ts';
import { ON_PURPOSE } from './on-purpose.ts';
import { type Difference, replay, said } from './replay.ts';
import { openWorld } from './world.ts';

const LAMBDAS = new URL('../../lambdas', import.meta.url).pathname;
const fixtures = readFixtures();
const today = await loadCode(LAMBDAS);

async function differences(
  code: Code,
  name: string,
  onPurpose = ON_PURPOSE,
): Promise<Difference | undefined> {
  const fixture = fixtures.find((one) => `${one.release}/${one.name}` === name);
  if (!fixture) throw new Error(`${name} is not recorded`);
  const world = await openWorld(code);
  onTestFinished(() => world.close());
  return replay(code, world, fixture, onPurpose);
}

it.each(fixtures.map(({ release, name }) => `${release}/${name}`))(
  'F28: %s goes on, on today’s code, as it was recorded',
  async (name) => {
    const found = await differences(today, name);
    expect(found && said(found)).toBeUndefined();
  },
);

it('F28: this release has recorded its runs, every demonstration among them', () => {
  const recorded = fixtures.filter(({ release }) => release === about.version).map(({ name }) => name);
  expect(recorded).toEqual(expect.arrayContaining([...SCENARIO_NAMES]));
});

it('F28: a difference that is wanted is listed with its reason, and no other goes with it', async () => {
  const change = CHANGES.find(({ name }) => name === 'who is asked');
  const { folder, path } = writeMutant({ name: '', keyed: true, edits: change ? [change.edit] : [] });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const code = await loadCode(path);
  const wanted = { file: '0.1.0/', sk: '#hold#0', field: 'groups', why: 'operations decide on all of it' };
  expect(await differences(code, '0.1.0/refund', [wanted])).toBeUndefined();
  for (const other of [{ file: '0.2.0/' }, { sk: '#hold#1' }, { field: 'group' }])
    expect(await differences(code, '0.1.0/refund', [{ ...wanted, ...other }])).toMatchObject({
      field: 'groups.0',
    });
});

interface Change extends Pick<Mutant, 'name'> {
  readonly edit: Mutant['edits'][number];
  /** The fixture that shows it. */
  readonly on: string;
  readonly shows: Partial<Difference>;
}

const CHANGES: readonly Change[] = [
  {
    name: 'how a digest is computed',
    edit: {
      file: 'journal/digest.ts',
      from: 'canonical({ agent, tool, version: toolVersion,',
      to: 'canonical({ agent, tool, toolVersion,',
    },
    on: '0.1.0/w',
    shows: { sk: 'turn#0001', field: 'actions.0.digest' },
  },
  {
    name: 'where a record lies',
    edit: { file: 'journal/keys.ts', from: '#again#', to: '#asked-again#' },
    on: '0.1.0/stale',
    shows: { sk: 'act#0001.00#again#1', field: 'sk', today: 'act#0001.00#asked-again#1' },
  },
  {
    name: 'what a record says',
    edit: {
      file: 'journal/records.ts',
      from: 'usage: z.object({ input: z.int(), output: z.int() }),',
      to: 'usage: z.object({ input: z.int() }),',
    },
    on: '0.1.0/refund',
    shows: { sk: 'turn#0001', field: 'usage.output', today: undefined },
  },
  {
    name: 'how a record is hashed',
    edit: { file: 'journal/journal.ts', from: 'sk}\\n$', to: 'sk} $' },
    on: '0.1.0/refund',
    shows: { sk: 'run', field: 'hash' },
  },
  {
    name: 'what a policy rules',
    edit: { file: 'policy/support.cedar', from: 'amountMinor <= 50000 }', to: 'amountMinor <= 10000 }' },
    on: '0.1.0/refund',
    shows: { sk: 'turn#0002', field: 'actions.0.ruling.decision', recorded: 'hold', today: 'deny' },
  },
  {
    name: 'who is asked',
    edit: { file: 'hold/hold.ts', from: 'groups: [...route.groups],', to: "groups: ['operations']," },
    on: '0.1.0/refund',
    shows: { sk: 'act#0002.00#hold#0', field: 'groups.0', recorded: 'support-leads', today: 'operations' },
  },
  {
    name: 'what follows from an attempt whose answer was lost',
    edit: { file: 'perform/tries.ts', from: "tool.replay === 'keyed' && more", to: 'false && more' },
    on: '0.1.0/answer-lost',
    shows: { sk: 'act#0001.00#try#2#intent' },
  },
  {
    name: 'what the records of a run come to',
    edit: {
      file: 'journal/branch.ts',
      from: 'return last && !last.settled && !branch.result ? last : undefined;',
      to: 'return last && !branch.result ? last : undefined;',
    },
    on: '0.1.0/refund',
    shows: { sk: 'act#0002.00#hold#0#settled', field: 'stand' },
  },
];

describe('F28: a recorded run shows, with record and field named, that there has changed', () => {
  it.each(CHANGES)('$name', async ({ name, edit, on, shows }) => {
    const { folder, path } = writeMutant({ name, keyed: true, edits: [edit] });
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await differences(await loadCode(path), on)).toMatchObject({ file: `${on}.jsonl`, ...shows });
  });
});
