import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name beside the target that no other process uses. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.part`;
}

/** Writes a file so that others see either nothing or all of it. */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Moves a bad file out of the way, beside itself, to the first free `.bad-<n>`.
 *
 * @param bytes what was found to be bad
 * @returns its new path; undefined when another process was quicker, and a new file may be there
 */
export async function setAside(path: string, bytes: Uint8Array): Promise<string | undefined> {
  for (let n = 1; ; n++) {
    const target = `${path}.bad-${n}`;
    try {
      // Takes the name, so that no other process moves its bad file over this one.
      await (await open(target, 'wx')).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    try {
      await rename(path, target);
      if (Buffer.compare(await readFile(target), bytes) === 0) return target;
      // Another process has put a new file in place in the meantime: that is not the bad one.
      await rename(target, path);
      return undefined;
    } catch (error) {
      await rm(target, { force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** Removes what downloads of processes that died left behind: temporary files over a day old. */
export async function removeStaleParts(folder: string, now = Date.now()): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => entry.endsWith('.part'))) {
    const path = join(folder, basename(name));
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > 24 * 3600 * 1000) await rm(path, { force: true });
  }
}
