import { join } from 'node:path';
import { asDatasetError } from './_as-dataset-error.js';
import { downloadBytes } from './_download.js';
import { fetchArchive } from './_fetch-archive.js';
import type { Fetched, FetchFileOptions } from './_fetched.js';
import { verifyFile } from './_verify-file.js';
import { writeFileAtomically } from './_write-file.js';
import { mostPackedBytes } from './catalogue.js';

/** Asks the mirrors in turn; what passes verification is kept in the cache. */
export async function fetchFile(options: FetchFileOptions): Promise<Fetched> {
  const { entry, file, cache, context, onProgress, signal } = options;
  if (entry.archive) return fetchArchive({ ...options, archive: entry.archive });
  const causes: Error[] = [];
  const path = join(cache, `${file.name}.gz`);
  for (const mirror of context.mirrors ?? entry.mirrors) {
    const url = `${mirror.replace(/\/?$/, '/')}${file.name}.gz`;
    try {
      const bytes = await downloadBytes({
        url,
        file: file.name,
        maxBytes: mostPackedBytes(file),
        target: path,
        context,
        onProgress,
        signal,
      });
      const verified = verifyFile(
        bytes,
        file,
        url,
        'The mirror gives out something else. Check whether a proxy answers for it, or fetch the file by hand.',
      );
      await writeFileAtomically(path, bytes);
      return { file: { ...verified, source: url } };
    } catch (error) {
      signal?.throwIfAborted();
      causes.push(asDatasetError(error, url));
    }
  }
  return { causes };
}
