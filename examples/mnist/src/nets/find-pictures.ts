import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UsageError } from '../ui/errors.js';

/** Endings of files that are taken for pictures when a folder is named; HEIC is among them so that its refusal is told. */
const endings = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'tif', 'tiff', 'avif', 'bmp', 'heic'];

/**
 * The files that were named, and the pictures below the folders that were named, in natural order (`2.png` before
 * `10.png`). A file that does not exist stays in the list: reading it says so.
 */
export async function findPictures(places: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    const isFolder = await stat(place).then(
      (status) => status.isDirectory(),
      () => false,
    );
    if (!isFolder) {
      files.push(place);
      continue;
    }
    const inside = (await readdir(place, { recursive: true })).filter((name) =>
      endings.includes(extname(name).slice(1).toLowerCase()),
    );
    if (inside.length === 0) {
      throw new UsageError(
        `${place}: no pictures in this folder. Expected files such as ${endings.join(', ')}.`,
      );
    }
    inside.sort(new Intl.Collator('en', { numeric: true }).compare);
    // Not spread into the arguments of a call, which hold about 120,000.
    for (const name of inside) files.push(join(place, name));
  }
  return files;
}
