import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, datasetNames, type ImageDataset, loadDataset } from '../src/index.js';

const mnistFolder = process.env.MNIST_DATA_DIR;
const hasMnist =
  mnistFolder !== undefined &&
  ['', 'mnist'].some((folder) => existsSync(join(mnistFolder, folder, 'train-images-idx3-ubyte.gz')));
if (!hasMnist)
  console.warn('Skipped: tests of the real MNIST files. Set MNIST_DATA_DIR to the folder that has them.');

const fashionFolder = '/usr/share/datasets/fashion-mnist';
const hasFashion = existsSync(fashionFolder);
if (!hasFashion)
  console.warn(
    `Skipped: tests of Debian's Fashion-MNIST. Install the package dataset-fashion-mnist (${fashionFolder}).`,
  );

function perClass({ labels, classNames }: ImageDataset): number[] {
  const counts = classNames.map(() => 0);
  for (const label of labels.data) counts[label]!++;
  return counts;
}

/** Loads without a network, and with nothing in the cache. */
const offline = { download: false, context: { home: '/nonexistent', env: { MNIST_DATA_DIR: mnistFolder } } };

describe.skipIf(!hasMnist)('MNIST as published', () => {
  // Counts per class as in the literature (Y. LeCun et al. 1998 and every textbook since).
  it.each([
    ['train', [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], [5, 0, 4, 1, 9], 33.318],
    ['test', [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], [7, 2, 1, 0, 4], 33.791],
  ] as const)('%s', async (split, counts, first, mean) => {
    const set = await loadDataset('mnist', { split, ...offline });
    expect(perClass(set)).toEqual(counts);
    expect([...set.labels.data.subarray(0, 5)]).toEqual(first);
    let sum = 0;
    for (const pixel of set.images.data) sum += pixel;
    expect(sum / set.images.data.length).toBeCloseTo(mean, 2);
    expect(set.source).not.toContain('structure');
    expect(set.synthetic).toBe(false);
  });
});

describe.skipIf(!hasFashion)("Fashion-MNIST as Debian's package has it", () => {
  it.each([
    ['train', 6000],
    ['test', 1000],
  ] as const)('%s', async (split, each) => {
    const context = { home: '/nonexistent', env: {} };
    const set = await loadDataset('fashion-mnist', { split, download: false, context });
    expect(set.source).toBe(
      join(fashionFolder, `${split === 'train' ? 'train' : 't10k'}-images-idx3-ubyte.gz`),
    );
    expect(perClass(set)).toEqual(Array(10).fill(each));
  });
});

it('the catalogue is of one piece', () => {
  expect(datasetNames).toEqual([
    'mnist',
    'fashion-mnist',
    'kmnist',
    'qmnist',
    'qmnist-test10k',
    'qmnist-test50k',
    'k49',
    'emnist-mnist',
    'emnist-byclass',
    'emnist-bymerge',
    'emnist-digits',
    'emnist-letters',
    'emnist-balanced',
  ]);
  const classes = {
    k49: 49,
    'emnist-letters': 26,
    'emnist-balanced': 47,
    'emnist-bymerge': 47,
    'emnist-byclass': 62,
  } as Record<string, number>;
  for (const name of datasetNames) {
    const { classNames, files } = catalogue[name];
    expect(new Set(classNames).size).toBe(classes[name] ?? 10);
    for (const { count, images } of Object.values(files)) expect(images.rawBytes).toBe(16 + count * 784);
  }
});
