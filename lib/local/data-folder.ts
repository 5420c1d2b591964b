import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createDynamoDB, DatabaseInUse, type DynamoDB } from './dynamodb.ts';

/** All that one local stack keeps, readable by its owner only, and open in one process at a time. */
export interface DataFolder {
  readonly path: string;
  readonly dynamodb: DynamoDB;
  close(): Promise<void>;
}

export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
}

/** It cannot be made, written to or read. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable';
}

/**
 * Makes the folder where needed and opens its database. The database's own lock keeps a second process out: the system
 * lets go of it however the holder ends, so that no stale lock can stay. Throws `DataFolderInUse`, which names the holder,
 * and `DataFolderUnusable`, which names the reason.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const holder = join(path, 'pid');
  try {
    await makeFolder(resolve(path));
    await chmod(path, 0o700);
    const dynamodb = await createDynamoDB({ path: join(path, 'dynamodb') });
    await writeFile(holder, `${process.pid}\n`, { mode: 0o600 });
    return { path, dynamodb, close: () => dynamodb.close() };
  } catch (error) {
    if (!(error instanceof DatabaseInUse)) {
      const why = `The data folder ${path} cannot be used: ${reasonOf(error)}`;
      throw new DataFolderUnusable(`${why}. Mend that, or set HOLDPOINT_DATA to another folder`, {
        cause: error,
      });
    }
    const pid = await readFile(holder, 'utf8').catch(() => '');
    throw new DataFolderInUse(
      `The data folder ${path} is in use by process ${pid.trim() || '(unknown)'}: end it first, or set HOLDPOINT_DATA to another folder`,
      { cause: error },
    );
  }
}

/**
 * From the outermost that is missing inwards, so that two who make it at once get in each other's way nowhere. Not Node's
 * `recursive`: that never ends where a folder is there and lets nobody make another in it, such as /proc.
 */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    if (!(await isFolder(path))) throw error;
  });
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The database wraps what the system said. */
function reasonOf(error: unknown): string {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return innermost instanceof Error ? innermost.message : String(innermost);
}
