import { join } from 'node:path';
import { downloadBytes } from './_download.js';
import { fetchArchive } from './_fetch-archive.js';
import { type LocatedFile, verifyFile } from './_verify-file.js';
import { writeFileAtomically } from './_write-file.js';
import type { CatalogueEntry, PublishedFile } from './catalogue.js';
import type { DatasetContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { DownloadProgress } from './download-progress.js';

export interface FetchFileOptions {
  readonly entry: CatalogueEntry;
  readonly file: PublishedFile;
  /** Folder of the user's cache. */
  readonly cache: string;
  readonly context: DatasetContext;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** The file, or what each mirror answered instead. */
export type Fetched = { readonly file: LocatedFile } | { readonly causes: readonly Error[] };

/** Asks the mirrors in turn; what passes verification is kept in the cache. */
export async function fetchFile(options: FetchFileOptions): Promise<Fetched> {
  const { entry, file, cache, context, onProgress, signal } = options;
  if (entry.archive) return fetchArchive({ ...options, archive: entry.archive });
  const causes: Error[] = [];
  const path = join(cache, `${file.name}.gz`);
  for (const mirror of context.mirrors ?? entry.mirrors) {
    const url = `${mirror.replace(/\/?$/, '/')}${file.name}.gz`;
    try {
      // Incompressible data grows by a little under gzip; anything beyond that is another file.
      const maxBytes = Math.ceil(file.rawBytes * 1.01) + 1024;
      const bytes = await downloadBytes({
        url,
        file: file.name,
        maxBytes,
        target: path,
        context,
        onProgress,
        signal,
      });
      const verified = verifyFile(
        bytes,
        file,
        url,
        'The mirror gives out something else; another will be tried.',
      );
      await writeFileAtomically(path, bytes);
      return { file: { ...verified, source: url } };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DatasetError)) throw error;
      causes.push(error);
    }
  }
  return { causes };
}
