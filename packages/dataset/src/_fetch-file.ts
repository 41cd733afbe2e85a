import { join } from 'node:path';
import { asDatasetError, download } from './_download.js';
import { fetchArchive } from './_fetch-archive.js';
import { PartFile } from './_part-file.js';
import { PartInMemory, type TransferOptions } from './_transfer.js';
import { type LocatedFile, verifyFile } from './_verify-file.js';
import { type CatalogueEntry, fileNameOf, mostPackedBytes, type PublishedFile } from './catalogue.js';
import type { DatasetContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { DownloadProgress } from './load-dataset-options.js';

export interface FetchFileOptions {
  readonly entry: CatalogueEntry;
  readonly file: PublishedFile;
  /** Folder of the user's cache. */
  readonly cache: string;
  readonly context: DatasetContext;
  readonly warn: (message: string) => void;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** The file, or what each mirror answered instead. */
export type Fetched = { readonly file: LocatedFile } | { readonly causes: readonly Error[] };

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

/**
 * Downloads beside `target`, or into memory where that cannot be written, and hands the whole to `use`. What is left
 * when `use` has ended is removed.
 */
export async function fetchInto<T>(
  options: TransferOptions,
  target: string,
  warn: (message: string) => void,
  use: (part: PartFile | PartInMemory) => Promise<T>,
): Promise<T> {
  const attempt = async (open: () => Promise<PartFile>): Promise<T> => {
    const part = await open();
    try {
      await download(options, part);
      return await use(part);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (part.inheritedBytes === 0 || !isDataFault(error)) throw error;
    } finally {
      await part.discard();
    }
    // What somebody left may be the beginning of another file.
    return attempt(() => PartFile.open(target, { afresh: true }));
  };
  try {
    return await attempt(() => PartFile.open(target));
  } catch (error) {
    const failure = asDatasetError(error, options.url);
    if (failure.code !== 'FILE_ACCESS') throw error;
    warn(`${failure.message} Going on in memory: nothing is kept, and the next run downloads again.`);
    const part = new PartInMemory();
    await download(options, part);
    return use(part);
  }
}

const isDataFault = (error: unknown): boolean => error instanceof DatasetError && error.kind === 'data';
