import { randomUUID } from 'node:crypto';
import { access, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name beside the target that no other process uses. Hidden, so that listings of a folder pass over it. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`);
}

/** The name that a file with a temporary name was to get (a leftover is an interrupted write); undefined for other files. */
export function nameAfterWriting(path: string): string | undefined {
  return /^\.(.+)\.\d+-[0-9a-f]{8}\.tmp$/.exec(basename(path))?.[1];
}

/**
 * Writes to a temporary name in the same folder, syncs, renames: whenever the process or the machine stops, a reader sees
 * the whole old file or the whole new one. (npm's write-file-atomic does not sync the folder, so a power cut can undo its
 * rename.)
 */
export async function writeFileDurably(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeAndSync(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    // Where nothing could be written there is nothing to remove, and this must not hide why.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Writes a new file and waits until the disk has it. The name must not exist. */
export async function writeAndSync(path: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a file that somebody else wrote survive a power cut. */
export async function syncFile(path: string): Promise<void> {
  // Windows refuses to sync a handle that was opened for reading only.
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes renames within a folder survive a power cut. Windows keeps no such thing and cannot open folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await ifExists(access(path).then(() => true))) ?? false;
}

/** The value, or undefined when the path does not exist. */
export async function ifExists<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
