import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const build = (...options: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const script = join(import.meta.dirname, '../../bin/build.ts');
    const child = execFile(process.execPath, [script, ...options], (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('npm run build', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdpoint-policies-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('prints every error of the policies with file and line, and ends with 1', {
    timeout: 30_000,
  }, async () => {
    const permit = 'permit (principal, action == Action::"issue_refund", resource)';
    writeFileSync(
      join(folder, 'mine.cedar'),
      `@id("a")\n@decison("allow")\n${permit};\n\n@id("b")\n@decision("allow")\n${permit}\nwhen { context.args.amountMinro < 1 };\n`,
    );
    const { code, stderr, stdout } = await build('--policies', folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/mine\.cedar:1: permit needs @decision/);
    expect(stderr).toMatch(/mine\.cedar:2: unknown annotation @decison \(did you mean @decision\?\)/);
    expect(stderr).toMatch(/mine\.cedar:8: attribute `args\.amountMinro`.*did you mean `amountMinor`\?/);
    expect(stdout).not.toContain('policy version');
  });

  it('sums up what it found to be right', { timeout: 30_000 }, async () => {
    const { stdout } = await build();
    expect(stdout).toMatch(/^\d+ policies, 6 routes, policy version [0-9a-f]{12}$/m);
  });

  it('names a folder that is not there, without a trace', { timeout: 30_000 }, async () => {
    const { code, stderr } = await build('--policies', join(folder, 'nope'));
    expect([code, stderr]).toEqual([1, `${join(folder, 'nope')}: there is no *.cedar file in it\n`]);
  });

  it('explains itself', async () => {
    const { code, stdout } = await build('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--policies <dir>');
  });
});
