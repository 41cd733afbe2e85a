import { homedir } from 'node:os';
import { callback, flag, oneOf, required, signal, text } from '@mnist/kit';
import { Finding } from './_finding.js';
import { toDataset } from './_to-dataset.js';
import { type DatasetName, datasetNames } from './catalogue.js';
import { contextDefaults, contextNames, type DatasetContext } from './dataset-context.js';
import { check } from './dataset-error.js';
import type { ImageDataset } from './image-dataset.js';
import type { LoadDatasetOptions } from './load-dataset-options.js';

const checks = {
  split: required(oneOf('train', 'test')),
  dataDir: text,
  download: flag,
  onProgress: callback,
  onWarning: callback,
  signal,
} as const satisfies Partial<Record<keyof LoadDatasetOptions, unknown>>;

/**
 * Loads one part of a published data set. Looks, in this order, in `dataDir`; `MNIST_DATA_DIR`; the user's cache
 * folder; Debian's `/usr/share/datasets/<name>`; and then asks the mirrors in turn and keeps the files in the cache.
 * `MNIST_DATA_DIR` holds MNIST itself or one folder a set (`mnist`, `fashion-mnist`, ...).
 *
 * Bytes are verified wherever they come from: size, header, and the published checksum where there is one. A bad file
 * in the cache is set aside (`.bad-1`) and fetched again; a bad file in a folder that you named is an error.
 *
 * @throws DatasetError `DATASET_UNAVAILABLE` when it is nowhere to be had (`causes` says what each place answered);
 *   `WRONG_CHECKSUM`, `WRONG_SIZE`, `NOT_IDX`, ... for a bad file in a folder; `INVALID_OPTION`; the signal's reason when that is aborted
 */
export async function loadDataset(name: DatasetName, options: LoadDatasetOptions): Promise<ImageDataset> {
  const where = 'loadDataset';
  check.require(where, 'the data set', name, oneOf(...datasetNames));
  const { split } = check.complete<LoadDatasetOptions>(where, options, { context: {} }, checks);
  check.refuseUnknown('loadDataset: context', options.context ?? {}, contextNames);
  const context: DatasetContext = {
    ...contextDefaults,
    env: process.env,
    home: homedir(),
    platform: process.platform,
    fetch: globalThis.fetch,
    ...options.context,
  };
  options.signal?.throwIfAborted();
  const entry = context.catalogue[name];
  const { images, labels } = entry.files[split];
  const finding = new Finding(name, entry, options, context);
  const imageFile = await finding.find(images);
  const labelFile = await finding.find(labels);
  return toDataset(name, entry, split, imageFile, labelFile);
}
