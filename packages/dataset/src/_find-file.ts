import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CsvPair, csvToIdx } from './_read-csv.js';
import { isZip, npzToIdx } from './_read-npz.js';
import { readZipEntries } from './_read-zip.js';
import { type CatalogueEntry, type DatasetName, fileNameOf, type PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';
import type { Split } from './image-dataset.js';

export interface FoundFile {
  readonly path: string;
  /** The published file, packed or not, or what it would hold. */
  readonly bytes: Uint8Array;
}

/** A file of a data set and its part in it. */
export interface Wanted {
  readonly name: DatasetName;
  readonly entry: CatalogueEntry;
  readonly split: Split;
  readonly part: 'images' | 'labels';
}

/** The folder that torchvision makes in its `root`. */
const torchFolders: Readonly<Record<string, string>> = {
  mnist: 'MNIST',
  'fashion-mnist': 'FashionMNIST',
  kmnist: 'KMNIST',
  qmnist: 'QMNIST',
  emnist: 'EMNIST',
};

/** Folders below one that a user names, in which the files of a set may lie. */
export function foldersOf(folder: string, name: DatasetName): string[] {
  const torch =
    torchFolders[name.startsWith('emnist') ? 'emnist' : name.startsWith('qmnist') ? 'qmnist' : name];
  const own = torch === undefined ? [] : [join(folder, torch, 'raw'), join(folder, 'raw')];
  return [folder, join(folder, name), ...own, ...(name.startsWith('emnist') ? [join(folder, 'gzip')] : [])];
}

/**
 * Reads a file of a data set from the first of the folders that has it: as it was published, gzipped or not, in a folder
 * of its own name, or as part of EMNIST's archive, Keras's `mnist.npz`, KMNIST's .npz files or the CSV tables of Kaggle.
 *
 * @returns undefined when none has it
 * @throws DatasetError `FILE_ACCESS` when it is there but cannot be read; `WRONG_SHAPE`, `NOT_A_FILE`, ...
 */
export async function findFile(folders: readonly string[], wanted: Wanted): Promise<FoundFile | undefined> {
  const file = wanted.entry.files[wanted.split][wanted.part];
  for (const folder of folders) {
    for (const name of namesOf(file)) {
      const path = join(folder, name);
      const bytes = await readIfThere(path);
      if (bytes) return { path, bytes };
    }
    const found = (await findInNpz(folder, wanted, file)) ?? (await findInCsv(folder, wanted));
    if (found) return found;
    if (wanted.entry.archive) {
      const inside = await findInArchive(folder, wanted.entry.archive.folder, file);
      if (inside) return inside;
    }
  }
  return undefined;
}

/** Gzipped or not, with the dot that some archives have, and in a folder of its own name, as Kaggle's unpacks. */
function namesOf(file: PublishedFile): string[] {
  const published = fileNameOf(file);
  if (published.endsWith('.npz')) return [published];
  const dotted = file.name.replace(/-(idx\d)/, '.$1');
  const plain = [published, file.name, `${dotted}.gz`, dotted];
  return [
    ...plain,
    ...plain.map((name) => join(file.name, name)),
    join(dotted, file.name),
    join(dotted, dotted),
  ];
}

async function findInNpz(folder: string, { name, split, part }: Wanted, file: PublishedFile) {
  const [axis, kind] = part === 'images' ? ['x', 'imgs'] : ['y', 'labels'];
  for (const [npz, key] of [
    [`${name}.npz`, `${axis}_${split}`],
    [`${name}-${split}-${kind}.npz`, undefined],
  ] as const) {
    const path = join(folder, npz);
    const bytes = await readIfThere(path);
    if (bytes && isZip(bytes)) return { path, bytes: npzToIdx(bytes, key, path, file.rawBytes) };
  }
  return undefined;
}

/** The last table that was read: labels are asked for right after images. */
let lastTable: { readonly path: string; readonly bytes: number; readonly pair: CsvPair } | undefined;

async function findInCsv(folder: string, { name, split, part }: Wanted): Promise<FoundFile | undefined> {
  for (const csv of [`${name}_${split}.csv`, `${name}-${split}.csv`]) {
    const path = join(folder, csv);
    const bytes = await readIfThere(path);
    if (!bytes) continue;
    const known = lastTable?.path === path && lastTable.bytes === bytes.length && part === 'labels';
    const { pair } = known ? lastTable! : { pair: csvToIdx(bytes, path) };
    lastTable = part === 'images' ? { path, bytes: bytes.length, pair } : undefined;
    return { path, bytes: pair[part] };
  }
  return undefined;
}

async function findInArchive(
  folder: string,
  inside: string,
  file: PublishedFile,
): Promise<FoundFile | undefined> {
  for (const name of ['gzip.zip', 'emnist-gzip.zip', 'emnist.zip']) {
    const path = join(folder, name);
    if ((await readIfThere(path, 4)) === undefined) continue;
    const entry = `${inside}${fileNameOf(file)}`;
    const bytes = (await readZipEntries(path, path, new Map([[entry, file]]))).get(entry);
    if (bytes) return { path: `${path}/${entry}`, bytes };
  }
  return undefined;
}

async function readIfThere(path: string, firstBytes?: number): Promise<Uint8Array | undefined> {
  try {
    if (firstBytes === undefined) return await readFile(path);
    const handle = await open(path, 'r');
    try {
      return (await handle.read({ buffer: new Uint8Array(firstBytes) })).buffer;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as { code?: string };
    // Some unpackers make a folder of the file's name.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw new DatasetError(
      'FILE_ACCESS',
      `${path}: cannot be read (${(error as Error).message}). Check its permissions, or name another folder.`,
      { cause: error },
    );
  }
}
