import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/**
 * Makes the folder where needed and opens its database. The database's own lock keeps a second process out: the system
 * lets go of it however the holder ends, so that no stale lock can stay. Throws `DataFolderInUse`, which names the holder.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  const holder = join(path, 'pid');
  try {
    const dynamodb = await createDynamoDB({ path: join(path, 'dynamodb') });
    await writeFile(holder, `${process.pid}\n`, { mode: 0o600 });
    return { path, dynamodb, close: () => dynamodb.close() };
  } catch (error) {
    if (!(error instanceof DatabaseInUse)) throw error;
    const pid = await readFile(holder, 'utf8').catch(() => '');
    throw new DataFolderInUse(
      `The data folder ${path} is in use by process ${pid.trim() || '(unknown)'}: end it first, or set HOLDPOINT_DATA to another folder`,
      { cause: error },
    );
  }
}
