import { asDatasetError, download } from './_download.js';
import { PartFile } from './_part-file.js';
import { PartInMemory, type TransferOptions } from './_transfer.js';
import type { LocatedFile } from './_verify-file.js';
import type { CatalogueEntry, PublishedFile } from './catalogue.js';
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
