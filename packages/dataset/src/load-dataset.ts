import { join } from 'node:path';
import { fetchFile } from './_fetch-file.js';
import { type FoundFile, findFile } from './_find-file.js';
import { refuseUnknown } from './_options.js';
import { toDataset } from './_to-dataset.js';
import { type LocatedFile, verifyFile } from './_verify-file.js';
import { removeStaleParts, setAside } from './_write-file.js';
import {
  type CatalogueEntry,
  catalogue,
  type DatasetName,
  datasetNames,
  type PublishedFile,
} from './catalogue.js';
import { cacheFolder, type DatasetContext, defaultContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { DownloadProgress } from './download-progress.js';
import type { ImageDataset, Split } from './image-dataset.js';

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
  /** Stops a download. */
  readonly signal?: AbortSignal;
  /** Surroundings to use instead of the real ones. */
  readonly context?: Partial<DatasetContext>;
}

const optionNames = ['split', 'dataDir', 'download', 'onProgress', 'onWarning', 'signal', 'context'] as const;

/**
 * Loads one part of a published data set. Looks, in this order, in `dataDir`; `MNIST_DATA_DIR`; the user's cache
 * folder; Debian's `/usr/share/datasets/<name>`; and then asks the mirrors in turn and keeps the files in the cache.
 * `MNIST_DATA_DIR` holds MNIST itself or one folder a set (`mnist`, `fashion-mnist`, ...).
 *
 * Bytes are verified wherever they come from: size, header, and the published checksum where there is one. A bad file
 * in the cache is set aside (`.bad-1`) and fetched again; a bad file in a folder that you named is an error.
 *
 * @throws DatasetError `dataset-unavailable` when it is nowhere to be had (`causes` says what each place answered);
 *   `wrong-checksum`, `wrong-size`, `not-idx`, ... for a bad file in a folder; `bad-option`
 */
export async function loadDataset(name: DatasetName, options: LoadDatasetOptions): Promise<ImageDataset> {
  refuseUnknown('loadDataset', options, optionNames);
  if (!datasetNames.includes(name)) {
    throw new DatasetError(
      'bad-option',
      `loadDataset: unknown data set '${String(name)}'. Known: ${datasetNames.join(', ')}.`,
    );
  }
  const { split } = options;
  if (split !== 'train' && split !== 'test') {
    throw new DatasetError(
      'bad-option',
      `loadDataset: split is '${String(split)}'; expected 'train' or 'test'.`,
    );
  }
  const entry: CatalogueEntry = catalogue[name];
  const context: DatasetContext = { ...defaultContext(), ...options.context };
  const { images, labels } = entry.files[split];
  const run = new Loading(name, entry, options, context);
  const imageFile = await run.load(images);
  const labelFile = await run.load(labels);
  return toDataset(name, entry, split, imageFile, labelFile);
}

class Loading {
  private readonly cache: string;
  private readonly warn: (message: string) => void;

  constructor(
    private readonly name: DatasetName,
    private readonly entry: CatalogueEntry,
    private readonly options: LoadDatasetOptions,
    private readonly context: DatasetContext,
  ) {
    this.cache = cacheFolder(name, context);
    this.warn = options.onWarning ?? ((message) => console.warn(message));
  }

  async load(file: PublishedFile): Promise<LocatedFile> {
    const { dataDir, download = true } = this.options;
    if (dataDir !== undefined) {
      const folders = [dataDir, join(dataDir, this.name)];
      const found = await findFile(folders, file);
      if (found) return this.verifyNamed(found, file);
      throw this.unavailable(file, [missing(folders)]);
    }
    const causes: Error[] = [];
    const named = this.context.env.MNIST_DATA_DIR;
    if (named) {
      const folders = this.name === 'mnist' ? [named, join(named, this.name)] : [join(named, this.name)];
      const found = await findFile(folders, file);
      if (found) return this.verifyNamed(found, file);
      causes.push(missing(folders, 'MNIST_DATA_DIR'));
    } else {
      causes.push(new Error('MNIST_DATA_DIR: not set'));
    }
    const cached = await findFile([this.cache], file);
    if (cached) {
      const verified = await this.verifyCached(cached, file);
      if (verified) return verified;
    }
    causes.push(missing([this.cache]));
    const system = join(this.context.systemFolder, this.name);
    const installed = await findFile([system], file);
    if (installed) return this.verifyNamed(installed, file);
    causes.push(missing([system]));
    if (!download) throw this.unavailable(file, [...causes, new Error('download: switched off')]);

    await removeStaleParts(this.cache);
    const { onProgress, signal } = this.options;
    const fetched = await fetchFile({
      entry: this.entry,
      file,
      cache: this.cache,
      context: this.context,
      onProgress,
      signal,
    });
    if ('file' in fetched) return fetched.file;
    throw this.unavailable(file, [...causes, ...fetched.causes]);
  }

  private verifyNamed(found: FoundFile, file: PublishedFile): LocatedFile {
    const remedy = 'Put the published file in its place, or name another folder.';
    return { ...verifyFile(found.bytes, file, found.path, remedy), source: found.path };
  }

  private async verifyCached(found: FoundFile, file: PublishedFile): Promise<LocatedFile | undefined> {
    try {
      return this.verifyNamed(found, file);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      const moved = await setAside(found.path);
      this.warn(
        `A bad file in the cache was set aside as ${moved} and will be fetched again: ${error.message}`,
      );
      return undefined;
    }
  }

  private unavailable(file: PublishedFile, causes: readonly Error[]): DatasetError {
    const list = causes.map(({ message }) => `  - ${message}`).join('\n');
    const base = this.entry.archive
      ? `${this.entry.archive.folder}${file.name}.gz of ${this.entry.archive.url}`
      : `${file.name}.gz`;
    return new DatasetError(
      'dataset-unavailable',
      `${this.entry.title}: ${file.name} is nowhere to be had. Looked in:\n${list}\n` +
        `Put ${base} in a folder and set MNIST_DATA_DIR (or dataDir) to it, or connect to the network.`,
      { causes },
    );
  }
}

function missing(folders: readonly string[], name?: string): Error {
  return new Error(`${name ? `${name} ` : ''}${folders.join(' and ')}: no such file there`);
}
