import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { anything, callback, oneOf, text } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { csvToIdx } from './_read-csv.js';
import { npzToIdx } from './_read-npz.js';
import { check, DatasetError } from './dataset-error.js';
import type { ImageDataset, Split } from './image-dataset.js';
import { type IdxArray, parseIdx } from './parse-idx.js';

/** A picture as grey values, row by row; 0 = background, as MNIST has it. */
export interface GreyPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface ReadDatasetOptions {
  /** Which part of a place that has both. Default 'train'. */
  readonly split?: Split;
  /** Default: the place's own name. */
  readonly name?: string;
  /** Default: the names of the classes' folders, else '0', '1', ... */
  readonly classNames?: readonly string[];
  /** Makes a grey picture of a file's bytes; needed for folders of pictures. All pictures must have one size. */
  readonly decode?: (bytes: Uint8Array, path: string) => Promise<GreyPicture> | GreyPicture;
}

const prefixes: Readonly<Record<Split, readonly string[]>> = { train: ['train'], test: ['t10k', 'test'] };
/** Most bytes of one file when unpacked. */
const mostBytes = 2 ** 31;

/**
 * Reads a data set of your own, of any size and number of classes (at most 256): a folder with a pair of IDX files
 * (`train-images-idx3-ubyte`, `train-labels-idx1-ubyte`; `t10k-` or `test-`; gzipped or not), a CSV table (label, pixels
 * of a square image), an .npz with `x_train`, `y_train`, `x_test`, `y_test`, or a folder with one folder of pictures a class,
 * below `train` and `test` where it has those.
 *
 * @throws DatasetError `DATASET_UNAVAILABLE` where there is nothing of the kind; `WRONG_SHAPE`, `BAD_LABELS`, `NOT_IDX`, ...; `INVALID_OPTION`
 */
export async function readDataset(place: string, options: ReadDatasetOptions = {}): Promise<ImageDataset> {
  const where = 'readDataset';
  check.require(where, 'place', place, text);
  const { split, name, classNames, decode } = check.complete<ReadDatasetOptions & { split: Split }>(
    where,
    options,
    { split: 'train' },
    { split: oneOf('train', 'test'), name: text, classNames: anything, decode: callback },
  );
  const read = await readPlace(place, split, decode);
  const { images, labels, source } = read;
  const count = images.shape[0] ?? 0;
  if (!(images.data instanceof Uint8Array) || images.shape.length !== 3 || count === 0) {
    throw new DatasetError(
      'WRONG_SHAPE',
      `${source}: images are ${images.dtype} [${images.shape.join(', ')}]; expected uint8 [count, height, width].`,
    );
  }
  if (!(labels.data instanceof Uint8Array) || labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DatasetError(
      'BAD_LABELS',
      `${source}: labels are ${labels.dtype} [${labels.shape.join(', ')}] for ${count} images; expected uint8 [${count}].`,
    );
  }
  const most = labels.data.reduce((largest, label) => Math.max(largest, label), 0);
  const names = classNames ?? read.classNames ?? Array.from({ length: most + 1 }, (_, i) => String(i));
  if (most >= names.length) {
    throw new DatasetError(
      'BAD_LABELS',
      `${source}: a label is ${most}; expected 0 to ${names.length - 1}, one of the classes.`,
    );
  }
  return {
    name: name ?? basename(place),
    split,
    images: images as NdArray<Uint8Array>,
    labels: labels as NdArray<Uint8Array>,
    classNames: names,
    synthetic: false,
    source,
  };
}

interface ReadPlace {
  readonly images: NdArray<IdxArray>;
  readonly labels: NdArray<IdxArray>;
  readonly classNames?: readonly string[];
  readonly source: string;
}

async function readPlace(
  place: string,
  split: Split,
  decode: ReadDatasetOptions['decode'],
): Promise<ReadPlace> {
  const parse = (bytes: Uint8Array, fileName: string) => parseIdx(bytes, { fileName, maxBytes: mostBytes });
  const isFolder = await onDisk(place, async () => (await stat(place)).isDirectory());
  if (!isFolder) {
    const bytes = await onDisk(place, () => readFile(place));
    const [images, labels] = /\.npz$/i.test(place)
      ? ['x', 'y'].map((axis) => npzToIdx(bytes, `${axis}_${split}`, place, mostBytes))
      : Object.values(csvToIdx(bytes, place));
    return { images: parse(images!, place), labels: parse(labels!, place), source: place };
  }
  const names = await onDisk(place, () => readdir(place));
  const find = (prefix: string, kind: string) =>
    names.find((name) => new RegExp(`^${prefix}-${kind}[.-]idx\\d-\\w+(\\.gz)?$`).test(name));
  for (const prefix of prefixes[split]) {
    const [imageFile, labelFile] = [find(prefix, 'images'), find(prefix, 'labels')];
    if (!imageFile || !labelFile) continue;
    const [images, labels] = await Promise.all(
      [imageFile, labelFile].map(async (name) => {
        const path = join(place, name);
        return parse(await onDisk(path, () => readFile(path)), path);
      }),
    );
    return { images: images!, labels: labels!, source: join(place, imageFile) };
  }
  return readPictures(names.includes(split) ? join(place, split) : place, decode);
}

async function readPictures(folder: string, decode: ReadDatasetOptions['decode']): Promise<ReadPlace> {
  const entries = await onDisk(folder, () => readdir(folder, { withFileTypes: true }));
  const classNames = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  classNames.sort(new Intl.Collator('en', { numeric: true }).compare);
  const files: [path: string, label: number][] = [];
  for (const [label, name] of classNames.entries()) {
    const inside = (await onDisk(folder, () => readdir(join(folder, name)))).sort();
    for (const file of inside.filter((file) => /\.\w+$/.test(file) && !file.startsWith('.'))) {
      files.push([join(folder, name, file), label]);
    }
  }
  if (files.length === 0 || classNames.length > 256) {
    throw new DatasetError(
      'DATASET_UNAVAILABLE',
      `${folder}: no data set; expected a pair of IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte), or one folder of pictures for each of at most 256 classes.`,
    );
  }
  check.require('readDataset', 'decode', decode, (value) =>
    value === undefined
      ? 'a function that makes a grey picture of bytes, since the place holds pictures'
      : undefined,
  );
  let [width, height, pixels] = [0, 0, new Uint8Array(0)];
  for (const [i, [path]] of files.entries()) {
    const picture = await decode!(await onDisk(path, () => readFile(path)), path);
    if (i === 0) {
      ({ width, height } = picture);
      pixels = new Uint8Array(files.length * width * height);
    }
    if (picture.width !== width || picture.height !== height || picture.data.length !== width * height) {
      throw new DatasetError(
        'WRONG_SHAPE',
        `${path}: ${picture.width} x ${picture.height} pixels; expected ${width} x ${height}, as ${files[0]![0]} has. Let decode bring them to one size.`,
      );
    }
    pixels.set(picture.data, i * width * height);
  }
  const labels = Uint8Array.from(files, ([, label]) => label);
  return {
    images: ndarray(pixels, [files.length, height, width]),
    labels: ndarray(labels, [files.length]),
    classNames,
    source: folder,
  };
}

async function onDisk<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    throw new DatasetError(
      missing ? 'DATASET_UNAVAILABLE' : 'FILE_ACCESS',
      `${path}: cannot be read (${(error as Error).message}). Check the path and its permissions.`,
      { cause: error },
    );
  }
}
