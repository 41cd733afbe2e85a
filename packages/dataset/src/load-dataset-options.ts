import { callback, flag, oneOf, required, signal, text } from '@mnist/kit';
import { type DatasetName, datasetNames } from './catalogue.js';
import { contextDefaults, contextNames, type DatasetContext } from './dataset-context.js';
import { check } from './dataset-error.js';
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

const checks = {
  split: required(oneOf('train', 'test')),
  dataDir: text,
  download: flag,
  onProgress: callback,
  onWarning: callback,
  signal,
} as const satisfies Partial<Record<keyof LoadDatasetOptions, unknown>>;

/** Checks what `loadDataset` was given, and completes its context. */
export function completeLoading(
  name: DatasetName,
  options: LoadDatasetOptions,
  surroundings: Pick<DatasetContext, 'env' | 'home' | 'platform' | 'fetch'>,
): { readonly split: Split; readonly context: DatasetContext } {
  const where = 'loadDataset';
  check.require(where, 'the data set', name, oneOf(...datasetNames));
  const { split } = check.complete<LoadDatasetOptions>(where, options, { context: {} }, checks);
  check.refuseUnknown('loadDataset: context', options.context ?? {}, contextNames);
  options.signal?.throwIfAborted();
  return { split, context: { ...contextDefaults, ...surroundings, ...options.context } };
}
