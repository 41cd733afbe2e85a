import type { Split } from './image-dataset.js';

/** One published file. */
export interface PublishedFile {
  /** Name without `.gz` or `.npz`. */
  readonly name: string;
  /** `npz`: one NumPy array in a zip archive. Default `gz`: IDX, gzipped. */
  readonly format?: 'gz' | 'npz';
  /** Bytes of the IDX file when unpacked. */
  readonly rawBytes: number;
  /** MD5 of the unpacked bytes, where it is known. */
  readonly rawMd5?: string;
  /** MD5 of the one published gzip file, where the raw one is not known. */
  readonly gzipMd5?: string;
}

/** The name under which it is published. */
export const fileNameOf = (file: PublishedFile): string => `${file.name}.${file.format ?? 'gz'}`;

/** Incompressible data grows by a little under gzip; anything beyond that is another file. */
export function mostPackedBytes(file: PublishedFile): number {
  return Math.ceil(file.rawBytes * 1.01) + 1024;
}

/** What is known of a published data set. */
export interface CatalogueEntry {
  readonly title: string;
  readonly classNames: readonly string[];
  readonly files: Readonly<
    Record<Split, { readonly images: PublishedFile; readonly labels: PublishedFile; readonly count: number }>
  >;
  /** Base addresses, tried in turn. */
  readonly mirrors: readonly string[];
  /** The files come inside one zip archive at this address. */
  readonly archive?: { readonly url: string; readonly md5: string; readonly folder: string };
  /** Subtracted from the stored labels. Default 0. */
  readonly firstLabel?: number;
  /** QMNIST: int32 [count, 8], the class in the first column. */
  readonly extendedLabels?: boolean;
  /** Only images `from` ... `to - 1` of the published test files belong to the set. */
  readonly testRange?: readonly [from: number, to: number];
  /** EMNIST: each image is stored with rows and columns exchanged. */
  readonly transposed?: boolean;
}

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const imageBytes = (count: number) => 16 + count * 28 * 28;
const labelBytes = (count: number) => 8 + count;

interface Sums {
  readonly trainImages?: string;
  readonly trainLabels?: string;
  readonly testImages?: string;
  readonly testLabels?: string;
}

function idxFiles(kind: 'rawMd5' | 'gzipMd5', sums: Sums): CatalogueEntry['files'] {
  const file = (name: string, rawBytes: number, sum: string | undefined): PublishedFile => ({
    name,
    rawBytes,
    [kind]: sum,
  });
  return {
    train: {
      images: file('train-images-idx3-ubyte', imageBytes(60_000), sums.trainImages),
      labels: file('train-labels-idx1-ubyte', labelBytes(60_000), sums.trainLabels),
      count: 60_000,
    },
    test: {
      images: file('t10k-images-idx3-ubyte', imageBytes(10_000), sums.testImages),
      labels: file('t10k-labels-idx1-ubyte', labelBytes(10_000), sums.testLabels),
      count: 10_000,
    },
  };
}

function emnistFiles(name: string, train: number, test: number): CatalogueEntry['files'] {
  const part = (split: Split, count: number) => ({
    images: { name: `emnist-${name}-${split}-images-idx3-ubyte`, rawBytes: imageBytes(count) },
    labels: { name: `emnist-${name}-${split}-labels-idx1-ubyte`, rawBytes: labelBytes(count) },
    count,
  });
  return { train: part('train', train), test: part('test', test) };
}

const emnistArchive = {
  url: 'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
  md5: '58c8d27c78d21e728a6bc7b3cc06412e',
  folder: 'gzip/',
} as const;
const capitals = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** Small letters that look like their capitals count as those. */
const mergedClasses = [...digits, ...capitals, ...'abdefghnqrt'];

function npzFiles(name: string, count: number) {
  const format = 'npz' as const;
  return {
    images: { name: `${name}-imgs`, format, rawBytes: imageBytes(count) },
    labels: { name: `${name}-labels`, format, rawBytes: labelBytes(count) },
    count,
  };
}

const qmnist = {
  title: 'QMNIST',
  classNames: digits,
  files: {
    train: {
      images: {
        name: 'qmnist-train-images-idx3-ubyte',
        rawBytes: imageBytes(60_000),
        gzipMd5: 'ed72d4157d28c017586c42bc6afe6370',
      },
      labels: {
        name: 'qmnist-train-labels-idx2-int',
        rawBytes: 12 + 60_000 * 32,
        gzipMd5: '0058f8dd561b90ffdd0f734c6a30e5e4',
      },
      count: 60_000,
    },
    test: {
      images: {
        name: 'qmnist-test-images-idx3-ubyte',
        rawBytes: imageBytes(60_000),
        gzipMd5: '1394631089c404de565df7b7aeaf9412',
      },
      labels: {
        name: 'qmnist-test-labels-idx2-int',
        rawBytes: 12 + 60_000 * 32,
        gzipMd5: '5b5b05890a5e13444e108efe57b788aa',
      },
      count: 60_000,
    },
  },
  mirrors: ['https://raw.githubusercontent.com/facebookresearch/qmnist/master/'],
  extendedLabels: true,
} as const satisfies CatalogueEntry;

/**
 * Raw MD5s: MNIST's as published with the files, Fashion-MNIST's computed from Debian's `dataset-fashion-mnist`.
 * Gzip MD5s and EMNIST's archive MD5: as listed by torchvision (`torchvision/datasets/mnist.py`).
 */
export const catalogue = {
  mnist: {
    title: 'MNIST',
    classNames: digits,
    files: idxFiles('rawMd5', {
      trainImages: '6bbc9ace898e44ae57da46a324031adb',
      trainLabels: 'a25bea736e30d166cdddb491f175f624',
      testImages: '2646ac647ad5339dbf082846283269ea',
      testLabels: '27ae3e4e09519cfbb04c329615203637',
    }),
    mirrors: [
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
    ],
  },
  'fashion-mnist': {
    title: 'Fashion-MNIST',
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    files: idxFiles('rawMd5', {
      trainImages: 'f4a8712d7a061bf5bd6d2ca38dc4d50a',
      trainLabels: '9018921c3c673c538a1fc5bad174d6f9',
      testImages: '8181f5470baa50b63fa0f6fddb340f0a',
      testLabels: '15d484375f8d13e6eb1aabb0c3f46965',
    }),
    mirrors: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  },
  kmnist: {
    title: 'Kuzushiji-MNIST',
    classNames: ['お', 'き', 'す', 'つ', 'な', 'は', 'ま', 'や', 'れ', 'を'],
    files: idxFiles('gzipMd5', {
      trainImages: 'bdb82020997e1d708af4cf47b453dcf7',
      trainLabels: 'e144d726b3acfaa3e44228e80efcd344',
      testImages: '5c965bf0a639b31b8f53240b1b52f4d7',
      testLabels: '7320c461ea6c1c855c0b718fb2a4b134',
    }),
    mirrors: ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
  },
  qmnist,
  'qmnist-test10k': {
    ...qmnist,
    title: 'QMNIST, its reconstruction of the MNIST test set',
    testRange: [0, 10_000],
  },
  'qmnist-test50k': {
    ...qmnist,
    title: 'QMNIST, the 50,000 test digits that MNIST had lost',
    testRange: [10_000, 60_000],
  },
  k49: {
    title: 'Kuzushiji-49',
    classNames: [
      ...'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをんゝ',
    ],
    files: {
      train: npzFiles('k49-train', 232_365),
      test: npzFiles('k49-test', 38_547),
    },
    mirrors: ['http://codh.rois.ac.jp/kmnist/dataset/k49/'],
  },
  'emnist-mnist': {
    title: 'EMNIST MNIST',
    classNames: digits,
    files: emnistFiles('mnist', 60_000, 10_000),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
  },
  'emnist-byclass': {
    title: 'EMNIST By_Class',
    classNames: [...digits, ...capitals, ...'abcdefghijklmnopqrstuvwxyz'],
    files: emnistFiles('byclass', 697_932, 116_323),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
  },
  'emnist-bymerge': {
    title: 'EMNIST By_Merge',
    classNames: mergedClasses,
    files: emnistFiles('bymerge', 697_932, 116_323),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
  },
  'emnist-digits': {
    title: 'EMNIST Digits',
    classNames: digits,
    files: emnistFiles('digits', 240_000, 40_000),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
  },
  'emnist-letters': {
    title: 'EMNIST Letters',
    classNames: capitals,
    files: emnistFiles('letters', 124_800, 20_800),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
    firstLabel: 1,
  },
  'emnist-balanced': {
    title: 'EMNIST Balanced',
    classNames: mergedClasses,
    files: emnistFiles('balanced', 112_800, 18_800),
    mirrors: [],
    archive: emnistArchive,
    transposed: true,
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** The data sets that `loadDataset` knows. */
export type DatasetName = keyof typeof catalogue;

/** All known names. */
export const datasetNames = Object.keys(catalogue) as readonly DatasetName[];
