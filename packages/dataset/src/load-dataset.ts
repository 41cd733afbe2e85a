import { Finding } from './_finding.js';
import { refuseUnknown } from './_options.js';
import { toDataset } from './_to-dataset.js';
import { type DatasetName, datasetNames } from './catalogue.js';
import { contextNames, type DatasetContext, defaultContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { ImageDataset } from './image-dataset.js';
import type { LoadDatasetOptions } from './load-dataset-options.js';

const optionNames = [
  'split',
  'dataDir',
  'download',
  'onProgress',
  'onWarning',
  'signal',
  'context',
] as const satisfies readonly (keyof LoadDatasetOptions)[];

/**
 * Loads one part of a published data set. Looks, in this order, in `dataDir`; `MNIST_DATA_DIR`; the user's cache
 * folder; Debian's `/usr/share/datasets/<name>`; and then asks the mirrors in turn and keeps the files in the cache.
 * `MNIST_DATA_DIR` holds MNIST itself or one folder a set (`mnist`, `fashion-mnist`, ...).
 *
 * Bytes are verified wherever they come from: size, header, and the published checksum where there is one. A bad file
 * in the cache is set aside (`.bad-1`) and fetched again; a bad file in a folder that you named is an error.
 *
 * @throws DatasetError `DATASET_UNAVAILABLE` when it is nowhere to be had (`causes` says what each place answered);
 *   `WRONG_CHECKSUM`, `WRONG_SIZE`, `NOT_IDX`, ... for a bad file in a folder; `BAD_OPTION`; the signal's reason when that is aborted
 */
export async function loadDataset(name: DatasetName, options: LoadDatasetOptions): Promise<ImageDataset> {
  refuseUnknown('loadDataset', options, optionNames);
  if (!datasetNames.includes(name)) {
    throw new DatasetError(
      'BAD_OPTION',
      `loadDataset: unknown data set '${String(name)}'. Known: ${datasetNames.join(', ')}.`,
    );
  }
  const { split } = options;
  if (split !== 'train' && split !== 'test') {
    throw new DatasetError(
      'BAD_OPTION',
      `loadDataset: split is '${String(split)}'; expected 'train' or 'test'.`,
    );
  }
  refuseUnknown('loadDataset: context', options.context ?? {}, contextNames);
  const context: DatasetContext = { ...defaultContext(), ...options.context };
  options.signal?.throwIfAborted();
  const entry = context.catalogue[name];
  const { images, labels } = entry.files[split];
  const finding = new Finding(name, entry, options, context);
  const imageFile = await finding.find(images);
  const labelFile = await finding.find(labels);
  return toDataset(name, entry, split, imageFile, labelFile);
}
