import { homedir } from 'node:os';
import { Finding } from './_finding.js';
import { proxyFetch } from './_proxy-fetch.js';
import { toDataset } from './_to-dataset.js';
import type { DatasetName } from './catalogue.js';
import type { ImageDataset } from './image-dataset.js';
import { completeLoading, type LoadDatasetOptions } from './load-dataset-options.js';

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
  const { split, context } = completeLoading(name, options, {
    env: process.env,
    home: homedir(),
    platform: process.platform,
    fetch: proxyFetch(options?.context?.env ?? process.env),
  });
  const entry = context.catalogue[name];
  const finding = new Finding(name, entry, options, context);
  const imageFile = await finding.find(split, 'images');
  const labelFile = await finding.find(split, 'labels');
  return toDataset(name, entry, split, imageFile, labelFile);
}
