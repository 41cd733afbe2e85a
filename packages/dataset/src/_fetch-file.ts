import { join } from 'node:path';
import { asDatasetError } from './_download.js';
import { fetchArchive } from './_fetch-archive.js';
import { type Fetched, type FetchFileOptions, fetchInto } from './_fetch-into.js';
import { PartFile } from './_part-file.js';
import { verifyFile } from './_verify-file.js';
import { fileNameOf, mostPackedBytes } from './catalogue.js';

/** Asks the mirrors in turn; what passes verification is kept in the cache. */
export async function fetchFile(options: FetchFileOptions): Promise<Fetched> {
  const { entry, file, cache, context, warn, onProgress, signal } = options;
  if (entry.archive) return fetchArchive({ ...options, archive: entry.archive });
  const causes: Error[] = [];
  const target = join(cache, fileNameOf(file));
  for (const mirror of context.mirrors ?? entry.mirrors) {
    const url = `${mirror.replace(/\/?$/, '/')}${fileNameOf(file)}`;
    const remedy =
      'The mirror gives out something else. Check whether a proxy answers for it, or fetch the file by hand.';
    try {
      const verified = await fetchInto(
        { url, file: file.name, maxBytes: mostPackedBytes(file), context, onProgress, signal },
        target,
        warn,
        async (part) => {
          const found = await verifyFile(await part.bytes(), file, url, remedy);
          if (part instanceof PartFile) await part.keep(target);
          return found;
        },
      );
      return { file: { ...verified, source: url } };
    } catch (error) {
      signal?.throwIfAborted();
      causes.push(asDatasetError(error, url));
    }
  }
  return { causes };
}
