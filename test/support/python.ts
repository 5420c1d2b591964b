import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/holdpoint');

/**
 * A virtual environment with these packages, beside the other things that an install brings; made once.
 * Needs python3 (3.10 or newer) with venv, and PyPI the first time.
 * @returns its `bin` folder
 */
export async function virtualEnvironment(name: string, packages: readonly string[]): Promise<string> {
  const digest = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  const folder = join(CACHE, `${name}-${digest}`);
  const complete = join(folder, 'complete');
  const bin = join(folder, 'bin');
  if (existsSync(complete)) return bin;
  console.log(`installing ${packages.join(' ')} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-compile'];
  await run(join(bin, 'pip'), ['install', ...quietly, ...packages], { timeout: 240_000 });
  writeFileSync(complete, '');
  return bin;
}
