import type { DatasetContext } from './dataset-context.js';
import type { Split } from './image-dataset.js';

/** How far a download is. */
export interface DownloadProgress {
  /** Published name of the file. */
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  /** Undefined when the mirror does not say. */
  readonly totalBytes: number | undefined;
  /** From 1. */
  readonly attempt: number;
}

export interface LoadDatasetOptions {
  readonly split: Split;
  /** Folder with the files. When given, no other place is looked at. */
  readonly dataDir?: string;
  /** Whether to fetch what is in no folder. Default true. */
  readonly download?: boolean;
  /** Hears of downloads only. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Hears of things worth knowing, such as a bad cached file that was set aside. Default: `console.warn`. */
  readonly onWarning?: (message: string) => void;
  /** Stops the loading; its reason is what is thrown. */
  readonly signal?: AbortSignal;
  /** Surroundings to use instead of the real ones. */
  readonly context?: Partial<DatasetContext>;
}
