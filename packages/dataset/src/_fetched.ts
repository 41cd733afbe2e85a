import type { LocatedFile } from './_verify-file.js';
import type { CatalogueEntry, PublishedFile } from './catalogue.js';
import type { DatasetContext } from './dataset-context.js';
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
