import { open, readFile, rename, rm } from 'node:fs/promises';

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
