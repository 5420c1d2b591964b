import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDataFolder } from '../../lib/local/data-folder.ts';

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'holdpoint-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Another process that has the folder open until it is killed. */
async function holderOf(path: string): Promise<ChildProcess> {
  const program = `
    const { openDataFolder } = await import('./lib/local/data-folder.ts');
    await openDataFolder(${JSON.stringify(path)});
    console.log('open');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

const opens = async (path: string) => {
  const folder = await openDataFolder(path);
  await folder.close();
  return true;
};

describe('the data folder', () => {
  it('is made where it is missing, for its owner only', async () => {
    const path = join(await temporaryFolder(), 'deep', 'data');
    await opens(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is closed to others when it was open to them', async () => {
    const path = await temporaryFolder();
    await chmod(path, 0o755);
    await opens(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('is refused to a second process, which is told who has it', async () => {
    const path = await temporaryFolder();
    const holder = await holderOf(path);
    await expect(openDataFolder(path)).rejects.toMatchObject({
      name: 'DataFolderInUse',
      message: new RegExp(`is in use by process ${holder.pid}:`),
    });
  }, 15_000);

  it('F32: is free again after kill -9', async () => {
    const path = await temporaryFolder();
    const holder = await holderOf(path);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await opens(path)).toBe(true);
  }, 15_000);

  it('is not locked by the number that a dead holder left behind, though another process has it now', async () => {
    const path = await temporaryFolder();
    await opens(path);
    await writeFile(join(path, 'pid'), `${process.ppid}\n`);
    expect(await opens(path)).toBe(true);
  });

  it('is refused at once where nobody can make one', async () => {
    await expect(openDataFolder('/proc/nope/deep')).rejects.toMatchObject({
      name: 'DataFolderUnusable',
      message: expect.stringMatching(/^The data folder \/proc\/nope\/deep cannot be used: E/),
    });
  });

  it('is refused with the reason where a file is in its place', async () => {
    const path = join(await temporaryFolder(), 'data');
    await writeFile(path, '');
    await expect(openDataFolder(path)).rejects.toMatchObject({
      name: 'DataFolderUnusable',
      message: expect.stringMatching(/cannot be used: EEXIST/),
    });
    await expect(openDataFolder(join(path, 'deep'))).rejects.toThrow(/cannot be used: EEXIST/);
  });

  it('is made once by two who open it at once, whichever of them makes which part', async () => {
    const within = await temporaryFolder();
    for (let round = 0; round < 40; round++) {
      const path = join(within, String(round), ...Array.from({ length: round % 4 }, () => 'deep'), 'data');
      const both = await Promise.allSettled([openDataFolder(path), openDataFolder(path)]);
      for (const one of both) if (one.status === 'fulfilled') await one.value.close();
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { name: 'DataFolderInUse' },
      });
    }
  });

  it('is refused a second time to the process that has it', async () => {
    const path = await temporaryFolder();
    const folder = await openDataFolder(path);
    onTestFinished(() => folder.close());
    await expect(openDataFolder(path)).rejects.toMatchObject({ name: 'DataFolderInUse' });
  });
});
