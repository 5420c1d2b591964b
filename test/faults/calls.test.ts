import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { unreachedIn } from './calls.ts';
import { unaccounted } from './unreached.ts';

const FILE = join(import.meta.dirname, '../../lambdas/expire/expire.ts');
const TEXT = readFileSync(FILE, 'utf8');

/** As V8 writes it, of one file: passed once, but for one part of it. */
async function coverage(part: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdpoint-coverage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const startOffset = TEXT.indexOf(part);
  const ranges = [
    { startOffset: 0, endOffset: TEXT.length, count: 1 },
    { startOffset, endOffset: startOffset + part.length, count: 0 },
  ];
  const result = [{ url: pathToFileURL(FILE).href, functions: [{ ranges }] }];
  await writeFile(join(folder, 'coverage.json'), JSON.stringify({ result }));
  return folder;
}
const ofExpire = (folders: readonly string[]) =>
  unreachedIn(folders).flatMap(({ file, text }) => (file === 'expire/expire.ts' ? [text] : []));

const SETTLES = 'const settled = await settle(deps, at);';
const TIDIES = "if (settled) await deps.rows.delete('hold', holdId(at));";

it('a call that no process has passed is found, and one that any of them has passed is not', async () => {
  const [settles, tidies] = await Promise.all([coverage(SETTLES), coverage(TIDIES)]);
  expect(ofExpire([settles])).toEqual([SETTLES]);
  expect(ofExpire([tidies])).toEqual([TIDIES]);
  expect(ofExpire([settles, tidies])).toEqual([]);
  expect(unreachedIn([tidies]).length).toBeGreaterThan(100);
});

it('a call that no scenario makes is named, unless it is accounted for; so is an account of none', () => {
  const site = { file: 'expire/expire.ts', line: 25, text: TIDIES };
  const named = unaccounted([site, { file: 'sandbox/app.ts', line: 1, text: 'await nothing();' }]);
  expect(named).toContain(`no scenario makes this call: lambdas/expire/expire.ts:25 ${TIDIES}`);
  expect(named.join()).not.toContain('sandbox/app.ts');
  expect(named.join()).toMatch(/accounts for what is reached, or is not there: reconcile\/measure\.ts/);
});
