import { join } from 'node:path';
import { exists } from '@mnist/kit/files';
import { fetchFile } from './_fetch-file.js';
import { type FoundFile, findFile, foldersOf, type Wanted } from './_find-file.js';
import { removeDeadParts } from './_part-file.js';
import { setAside } from './_set-aside.js';
import { type LocatedFile, verifyFile } from './_verify-file.js';
import { cacheFolder } from './cache-folder.js';
import { type CatalogueEntry, type DatasetName, fileNameOf, type PublishedFile } from './catalogue.js';
import type { DatasetContext } from './dataset-context.js';
import { DatasetError } from './dataset-error.js';
import type { Split } from './image-dataset.js';
import type { LoadDatasetOptions } from './load-dataset-options.js';

/** One search for the files of a data set, place by place. */
export class Finding {
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

  async find(split: Split, part: 'images' | 'labels'): Promise<LocatedFile> {
    const file = this.entry.files[split][part];
    const wanted: Wanted = { name: this.name, entry: this.entry, split, part };
    const { dataDir, download = true, onProgress, signal } = this.options;
    if (dataDir !== undefined) {
      const folders = foldersOf(dataDir, this.name);
      const found = await findFile(folders, wanted);
      if (found) return this.verifyNamed(found, file);
      throw this.unavailable(file, [notIn([dataDir, join(dataDir, this.name)])]);
    }
    const causes: Error[] = [];
    const named = this.context.env.MNIST_DATA_DIR;
    if (named) {
      // The folder may hold MNIST's own files, whose names other sets have too.
      const folders = this.name === 'mnist' ? [named, join(named, this.name)] : [join(named, this.name)];
      const inside = foldersOf(named, this.name).slice(this.name === 'mnist' ? 0 : 1);
      const found = await findFile(inside, wanted);
      if (found) return this.verifyNamed(found, file);
      if (!(await exists(named)))
        this.warn(`MNIST_DATA_DIR is ${named}, which does not exist; looking further.`);
      causes.push(notIn(folders, 'MNIST_DATA_DIR: '));
    } else {
      causes.push(new Error('MNIST_DATA_DIR: not set'));
    }
    const cached = await this.findCached(wanted, file);
    if (!(cached instanceof Error)) {
      await removeDeadParts(join(this.cache, fileNameOf(file)));
      return cached;
    }
    causes.push(cached);
    const system = join(this.context.systemFolder, this.name);
    const installed = await findFile([system], wanted);
    if (installed) return this.verifyNamed(installed, file);
    causes.push(notIn([system]));
    if (!download) throw this.unavailable(file, [...causes, new Error('download: switched off')]);

    const { entry, cache, context, warn } = this;
    const fetched = await fetchFile({ entry, file, cache, context, warn, onProgress, signal });
    if ('file' in fetched) return fetched.file;
    throw this.unavailable(file, [...causes, ...fetched.causes]);
  }

  private verifyNamed(found: FoundFile, file: PublishedFile): LocatedFile {
    const remedy = 'Put the published file in its place, or name another folder.';
    return { ...verifyFile(found.bytes, file, found.path, remedy), source: found.path };
  }

  /** The file in the cache, or why there is none. */
  private async findCached(wanted: Wanted, file: PublishedFile): Promise<LocatedFile | Error> {
    const found = await findFile([this.cache], wanted);
    if (!found) return notIn([this.cache]);
    try {
      return this.verifyNamed(found, file);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      const moved = await this.setAside(found);
      if (!moved) return this.findCached(wanted, file);
      this.warn(`A bad file in the cache was set aside as ${moved}. ${error.message}`);
      return error;
    }
  }

  private async setAside({ path, bytes }: FoundFile): Promise<string | undefined> {
    try {
      return await setAside(path, bytes);
    } catch (error) {
      throw new DatasetError(
        'FILE_ACCESS',
        `${path}: this bad file in the cache cannot be set aside (${(error as Error).message}). Check the folder's permissions, or remove the file.`,
        { cause: error },
      );
    }
  }

  private unavailable(file: PublishedFile, causes: readonly Error[]): DatasetError {
    const list = causes.map(({ message }) => `  - ${message}`).join('\n');
    const { archive, title } = this.entry;
    const base = archive ? `${archive.folder}${fileNameOf(file)} of ${archive.url}` : fileNameOf(file);
    return new DatasetError(
      'DATASET_UNAVAILABLE',
      `${title}: ${file.name} is nowhere to be had. Looked in:\n${list}\n` +
        `Put ${base} in a folder and set MNIST_DATA_DIR${this.name === 'mnist' ? '' : ` (to the folder above '${this.name}')`} or dataDir to it, or connect to the network.`,
      { causes },
    );
  }
}

function notIn(folders: readonly string[], prefix = ''): Error {
  return new Error(`${prefix}${folders.join(' and ')}: no such file there`);
}
