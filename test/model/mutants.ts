import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LAMBDAS } from './code.ts';

/** A copy of the code with one thing broken; each text must be there exactly once, or the mutant is out of date. */
export interface Mutant {
  readonly name: string;
  /** Whether it shows with a downstream that honours keys. */
  readonly keyed: boolean;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the digest is not compared before the effect',
    keyed: true,
    edits: [
      {
        file: 'perform/checks.ts',
        from: 'if (proposed && own !== action.digest) {',
        to: 'if (false) {',
      },
      {
        file: 'perform/checks.ts',
        from: 'if (approval && (bound !== hold?.digest || bound !== approval.settled?.body.digest)) {',
        to: 'if (false) {',
      },
    ],
  },
  {
    name: 'the digest of a vote is not compared with what was shown',
    keyed: true,
    edits: [
      { file: 'oversight/vote.ts', from: 'if (ballot.digest !== hold.body.digest)', to: 'if (false)' },
      { file: 'oversight/settle.ts', from: ' && vote.body.digest === body.digest', to: '' },
    ],
  },
  {
    name: 'people may approve their own',
    keyed: true,
    edits: [
      {
        file: 'oversight/authority.ts',
        from: 'if (hold.excluded.includes(member.id)) {',
        to: 'if (false) {',
      },
    ],
  },
  {
    name: 'records are looked for and then written, not put if absent',
    keyed: false,
    edits: [
      {
        file: 'journal/journal.ts',
        from: '    const links = ',
        to: '    const there = (await this.get(runId, [key])).get(key.sk);\n    if (there) return { written: false, record: there as never };\n    const links = ',
      },
      { file: 'journal/journal.ts', from: "ConditionExpression: 'attribute_not_exists(pk)',", to: '' },
    ],
  },
  {
    name: 'the policy is not asked again before the effect',
    keyed: true,
    edits: [
      {
        file: 'perform/checks.ts',
        from: 'deps.gate.rule({',
        to: '({ rule: (_: unknown) => ({ ruling: action.ruling, args: args as never }) }).rule({',
      },
    ],
  },
  {
    name: 'every try has a key of its own',
    keyed: true,
    edits: [
      {
        file: 'perform/perform.ts',
        from: 'const key = `',
        to: 'const key = crypto.randomUUID() ?? `',
      },
    ],
  },
  {
    name: 'votes count whenever they were cast',
    keyed: true,
    edits: [
      {
        file: 'oversight/vote.ts',
        from: 'if (deps.now().toISOString() > hold.body.expiresAt)',
        to: 'if (false)',
      },
      { file: 'oversight/settle.ts', from: 'vote.body.at <= body.expiresAt && ', to: '' },
      { file: 'perform/checks.ts', from: ' && vote.at <= hold.expiresAt', to: '' },
    ],
  },
  {
    name: 'an effect that threw counts as nothing happened',
    keyed: false,
    edits: [
      { file: 'perform/attempt.ts', from: 'if (!(error instanceof NothingHappened))', to: 'if (false)' },
    ],
  },
  {
    name: 'a read-back that says no is believed while the call may still land',
    keyed: false,
    edits: [{ file: 'perform/perform.ts', from: 'if (no && stands.until)', to: 'if (false)' }],
  },
  {
    name: 'whose intent it is does not matter',
    keyed: false,
    edits: [
      {
        file: 'perform/try-persistence.ts',
        from: 'if (put.record.body.owner !== owner) {',
        to: 'if (false) {',
      },
    ],
  },
  {
    name: 'brakes are not looked at before the effect',
    keyed: true,
    edits: [{ file: 'perform/perform.ts', from: 'if (await brakeOn(', to: 'if (false && await brakeOn(' }],
  },
  {
    name: 'who approved is not looked up again',
    keyed: true,
    edits: [
      { file: 'perform/checks.ts', from: "if (authority) return again('authority', authority);", to: '' },
    ],
  },
  {
    name: 'the target is not looked at again',
    keyed: true,
    edits: [
      {
        file: 'perform/checks.ts',
        from: 'if (now?.version !== hold.observed.version) {',
        to: 'if (false) {',
      },
    ],
  },
  {
    name: 'distinct groups are not asked for',
    keyed: true,
    edits: [
      {
        file: 'oversight/settle.ts',
        from: ' && distinct([...people.values()]) >= route.distinctGroups',
        to: '',
      },
    ],
  },
  {
    name: 'a rejection loses against enough approvals',
    keyed: true,
    edits: [{ file: 'oversight/settle.ts', from: 'if (rejection) return', to: 'if (false) return' }],
  },
  {
    name: 'sums are written whatever they were meanwhile',
    keyed: true,
    edits: [
      {
        file: 'journal/rows.ts',
        from: "ConditionExpression: first ? 'attribute_not_exists(pk)' : '#version = :before',\n      ...(first",
        to: '...(true',
      },
    ],
  },
  {
    name: 'what is not performed after all still counts',
    keyed: true,
    edits: [
      {
        file: 'perform/perform.ts',
        from: 'if (isNothing(result)) await giveBackShare(deps, run, branch, tool, branch.places + 1);',
        to: '',
      },
    ],
  },
];

/** Writes a mutant's copy of the code to a folder of its own. */
export function writeMutant({ name, edits }: Mutant): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-mutant-'));
  const path = join(folder, 'lambdas');
  cpSync(LAMBDAS, path, { recursive: true });
  symlinkSync(resolve(LAMBDAS, '../node_modules'), join(folder, 'node_modules'));
  for (const { file, from, to } of edits) {
    const text = readFileSync(join(path, file), 'utf8');
    const parts = text.split(from);
    if (parts.length !== 2) {
      throw new Error(`the mutant "${name}" is out of date: ${parts.length - 1} times in ${file}: ${from}`);
    }
    writeFileSync(join(path, file), parts.join(to));
  }
  return { folder, path };
}
