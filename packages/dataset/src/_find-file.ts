import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';

export interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Names under which people keep a published file: gzipped or not, and with the dot that some archives have. */
function namesOf(file: PublishedFile): string[] {
  const dotted = file.name.replace(/-(idx\d)/, '.$1');
  return [`${file.name}.gz`, file.name, `${dotted}.gz`, dotted];
}

/**
 * Reads a published file from the first of the folders that has it.
 *
 * @returns undefined when none has it
 * @throws DatasetError `FILE_ACCESS` when it is there but cannot be read
 */
export async function findFile(
  folders: readonly string[],
  file: PublishedFile,
): Promise<FoundFile | undefined> {
  for (const folder of folders) {
    for (const name of namesOf(file)) {
      const path = join(folder, name);
      try {
        return { path, bytes: await readFile(path) };
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Some unpackers make a folder of the file's name.
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') continue;
        throw new DatasetError(
          'FILE_ACCESS',
          `${path}: cannot be read (${(error as Error).message}). Check its permissions, or name another folder.`,
          { cause: error },
        );
      }
    }
  }
  return undefined;
}
