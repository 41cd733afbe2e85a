import { basename, resolve } from 'node:path';
import {
  DatasetError,
  type DatasetName,
  type DownloadProgress,
  datasetNames,
  type ImageDataset,
  loadDataset,
  subset,
  syntheticDigits,
} from '@mnist/dataset';
import { startProgress } from '@mnist/train';
import { UsageError } from '../ui/errors.js';
import type { Terminal } from '../ui/terminal.js';
import type { DatasetChoice } from './config.js';
import { loadOwnDataset } from './own-dataset.js';

/** Worker processes find the data where this process found them. */
const dataDirVariable = 'EXAMPLE_MNIST_DATA_DIR';

/** Names the folder with the files, for this process and the workers that it starts. */
export function setDataDir(folder: string): void {
  process.env[dataDirVariable] = folder;
}

export interface Datasets {
  readonly choice: DatasetChoice;
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  /** How to call the data in output: 'MNIST', or 'synthetic digits (not MNIST)'. */
  readonly title: string;
}

export interface DatasetOptions {
  readonly dataset: string;
  readonly dataDir?: string;
  /** Draw digits instead of loading any. */
  readonly synthetic?: boolean;
  readonly download: boolean;
  /** Only the first so many training images. */
  readonly limit?: number;
  /** Draw digits when the data set is nowhere to be had, with a loud warning. Only the demonstration does that. */
  readonly substitute?: boolean;
  /** Size of a drawn data set. Default 60,000 and 10,000. */
  readonly syntheticCounts?: { readonly train: number; readonly test: number };
}

/** Finds the data a command asked for, tells where they came from, and never passes drawn digits off as real ones. */
export async function findDatasets(
  terminal: Terminal,
  options: DatasetOptions,
  signal?: AbortSignal,
): Promise<Datasets> {
  const { train, test } = options.syntheticCounts ?? { train: 60_000, test: 10_000 };
  const drawn: DatasetChoice = {
    kind: 'synthetic',
    trainCount: Math.min(train, options.limit ?? train),
    testCount: test,
    seed: 0,
  };
  if (options.synthetic) {
    terminal.warn('SYNTHETIC DIGITS, as you asked. No figure below says anything about MNIST.');
    return loadDatasets(drawn);
  }
  if (options.dataset === 'own') return findOwnDataset(terminal, options);
  const name = options.dataset as DatasetName;
  if (!datasetNames.includes(name)) {
    throw new UsageError(
      `unknown data set '${options.dataset}'. Known: ${datasetNames.join(', ')}, and own for one of yours in --data-dir.`,
    );
  }
  if (options.dataDir !== undefined) setDataDir(resolve(options.dataDir));
  const choice: DatasetChoice = { kind: 'published', name, limit: options.limit };
  try {
    const found = await loadDatasets(choice, {
      download: options.download,
      onProgress: downloadBar(),
      signal,
    });
    terminal.line(
      `${found.title}: ${found.train.labels.shape[0]} training and ${found.test.labels.shape[0]} test images from ${found.train.source}`,
    );
    return found;
  } catch (error) {
    if (!options.substitute || !(error instanceof DatasetError) || error.code !== 'DATASET_UNAVAILABLE')
      throw error;
    terminal.line(error.message);
    terminal.warn(
      'NO REAL DATA: the published images could not be had (see above).',
      'What follows runs the same pipeline on SYNTHETIC DIGITS, drawn by a program.',
      'Every number and picture is about them and says nothing about MNIST.',
      'For real figures: MNIST_DATA_DIR=/folder/with/the/four/files npm start',
    );
    return loadDatasets(drawn);
  }
}

/** A data set of the user's own, and what had to be done to it. */
async function findOwnDataset(terminal: Terminal, { dataDir, limit }: DatasetOptions): Promise<Datasets> {
  if (dataDir === undefined) {
    throw new UsageError(
      '--dataset own wants --data-dir: a folder with IDX files or with one folder of pictures a class, a .csv or an .npz.',
    );
  }
  const place = resolve(dataDir);
  const { train, test, notes } = await loadOwnDataset(place);
  const all: Datasets = {
    choice: { kind: 'own', place, classNames: train.classNames, limit },
    train,
    test,
    title: basename(place),
  };
  const found = { ...all, train: limited(all, limit) };
  terminal.line(
    `${found.title}: ${found.train.labels.shape[0]} training and ${test.labels.shape[0]} test images of ${train.classNames.length} classes from ${train.source}`,
  );
  for (const note of notes) terminal.line(`  ${note}`);
  return found;
}

/** What nets are tested on: what they were trained on, unless the command names something else. */
export async function findTestDatasets(
  terminal: Terminal,
  trainedOn: DatasetChoice,
  options: Omit<DatasetOptions, 'dataset'> & { readonly dataset?: string },
): Promise<Datasets> {
  const named = options.dataset ?? (options.synthetic ? 'synthetic' : undefined);
  if (named === undefined) {
    if (trainedOn.kind === 'published')
      return findDatasets(terminal, { ...options, dataset: trainedOn.name });
    if (trainedOn.kind === 'own')
      return findOwnDataset(terminal, {
        ...options,
        dataset: 'own',
        dataDir: options.dataDir ?? trainedOn.place,
      });
    terminal.warn(
      'SYNTHETIC DIGITS: that is what these nets were trained on. No figure below says anything about MNIST.',
    );
    return loadDatasets(trainedOn);
  }
  const found = await findDatasets(terminal, { ...options, dataset: options.dataset ?? 'mnist' });
  if (titleOf(trainedOn) !== found.title)
    terminal.warn(`These nets were trained on ${titleOf(trainedOn)} and are tested on ${found.title}.`);
  return found;
}

/** Loads what a choice names; used by worker processes as well, which say nothing. */
export async function loadDatasets(
  choice: DatasetChoice,
  options: {
    download?: boolean;
    onProgress?: (progress: DownloadProgress) => void;
    signal?: AbortSignal;
  } = {},
): Promise<Datasets> {
  if (choice.kind === 'synthetic') {
    const { seed, trainCount, testCount } = choice;
    return {
      choice,
      train: syntheticDigits({ count: trainCount, seed, split: 'train' }),
      test: syntheticDigits({ count: testCount, seed, split: 'test' }),
      title: titleOf(choice),
    };
  }
  if (choice.kind === 'own') {
    const { train, test } = await loadOwnDataset(choice.place);
    const all: Datasets = { choice, train, test, title: titleOf(choice) };
    return { ...all, train: limited(all, choice.limit) };
  }
  const dataDir = process.env[dataDirVariable];
  const load = (split: 'train' | 'test') =>
    loadDataset(choice.name as DatasetName, { ...options, split, dataDir });
  const all: Datasets = {
    choice,
    train: await load('train'),
    test: await load('test'),
    title: titleOf(choice),
  };
  return { ...all, train: limited(all, choice.limit) };
}

/** The first `limit` training images. */
function limited({ train, title }: Datasets, limit: number | undefined): ImageDataset {
  const count = train.labels.shape[0]!;
  if (limit === undefined) return train;
  if (limit > count) throw new UsageError(`--limit ${limit}: ${title} has ${count} training images.`);
  return subset(train, { end: limit });
}

/** How a data set is called in output. */
export function titleOf(choice: DatasetChoice): string {
  if (choice.kind === 'synthetic') return 'synthetic digits (not MNIST)';
  if (choice.kind === 'own') return basename(choice.place);
  return choice.name === 'mnist' ? 'MNIST' : choice.name;
}

function downloadBar(): (progress: DownloadProgress) => void {
  const bars = new Map<string, ReturnType<typeof startProgress>>();
  return ({ file, receivedBytes, totalBytes }) => {
    let bar = bars.get(file);
    if (!bar) {
      bar = startProgress({ label: `downloading ${file}`, total: totalBytes ?? Number.POSITIVE_INFINITY });
      bars.set(file, bar);
    }
    bar.update(receivedBytes, `${(receivedBytes / 1e6).toFixed(1)} MB`);
    if (receivedBytes === totalBytes) bar.finish();
  };
}
