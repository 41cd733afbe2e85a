import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { PublishedFile } from '../src/catalogue.js';
import { type CatalogueEntry, catalogue, loadDataset } from '../src/index.js';
import { encodeIdx } from './support/idx.js';
import { startServer } from './support/server.js';
import { errorOf, makeWorld } from './support/world.js';

const pixels = (count: number) => Array.from({ length: count * 784 }, (_, i) => (i * 17 + (i >> 5)) % 251);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

describe('QMNIST: int32 [n, 8] labels', () => {
  // Columns: class, writer series, writer, ... as in the QMNIST paper; only the first is kept.
  const labels = [3, 0, 9].flatMap((label, i) => [label, 4, 100 + i, 8, 5, -1, 0, 1]);
  const makeEntry = (labelFile: Buffer): CatalogueEntry => ({
    ...catalogue.qmnist,
    files: {
      ...catalogue.qmnist.files,
      test: {
        images: { name: 'qmnist-test-images-idx3-ubyte', rawBytes: 16 + 3 * 784 },
        labels: { name: 'qmnist-test-labels-idx2-int', rawBytes: labelFile.length },
        count: 3,
      },
    },
  });
  const images = encodeIdx(8, [3, 28, 28], pixels(3));
  const load = async (labelFile: Buffer) => {
    const { root, context, put } = await makeWorld();
    const dataDir = await put(join(root, 'qmnist'), {
      'qmnist-test-images-idx3-ubyte': images,
      'qmnist-test-labels-idx2-int': labelFile,
    });
    const withEntry = { ...context, catalogue: { ...catalogue, qmnist: makeEntry(labelFile) } };
    return loadDataset('qmnist', { split: 'test', dataDir, context: withEntry });
  };

  it('gives the classes', async () => {
    const set = await load(encodeIdx(12, [3, 8], labels));
    expect([...set.labels.data]).toEqual([3, 0, 9]);
    expect(set.source).toContain('structure verified; no checksum is published for the unpacked file');
  });

  it.each([
    [
      'uint8 labels',
      encodeIdx(8, [3], [1, 2, 3]),
      'WRONG_SHAPE',
      'labels are Uint8Array [3]; expected Int32Array [3, 8]. Replace the file.',
    ],
    [
      'another number of labels',
      encodeIdx(12, [2, 8], labels.slice(0, 16)),
      'WRONG_SHAPE',
      'labels are Int32Array [2, 8]; expected Int32Array [3, 8]',
    ],
    [
      'a label outside the classes',
      encodeIdx(12, [3, 8], labels.with(8, 10)),
      'BAD_LABELS',
      'label 1 is 10; expected 0 to 9. Replace the file.',
    ],
    [
      'a negative label',
      encodeIdx(12, [3, 8], labels.with(16, -1)),
      'BAD_LABELS',
      'label 2 is -1; expected 0 to 9.',
    ],
  ])('%s', async (_name, labelFile, code, text) => {
    const error = await errorOf(load(labelFile));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});

describe('a set with a published MD5 of its gzip file', () => {
  const labelBytes = encodeIdx(8, [2], [1, 2]);
  const imageBytes = encodeIdx(8, [2, 28, 28], pixels(2));
  const [labelsGz, imagesGz] = [gzipSync(labelBytes), gzipSync(imageBytes)];
  const entry: CatalogueEntry = {
    ...catalogue.kmnist,
    files: {
      ...catalogue.kmnist.files,
      test: {
        images: { name: 'images', rawBytes: imageBytes.length, gzipMd5: md5(imagesGz) },
        labels: { name: 'labels', rawBytes: labelBytes.length, gzipMd5: md5(labelsGz) },
        count: 2,
      },
    },
  };
  const load = async (files: Record<string, Uint8Array>) => {
    const { root, context, put } = await makeWorld({ catalogue: { ...catalogue, kmnist: entry } });
    const dataDir = await put(join(root, 'kmnist'), files);
    return loadDataset('kmnist', { split: 'test', dataDir, context });
  };

  it('is proven by it', async () => {
    const set = await load({ 'images.gz': imagesGz, 'labels.gz': labelsGz });
    expect(set.source).toMatch(/images\.gz$/);
    expect(set.classNames[9]).toBe('を');
  });

  it('says so when only the structure could be verified', async () => {
    expect((await load({ images: imageBytes, labels: labelBytes })).source).toContain('(structure verified');
    expect((await load({ 'images.gz': imagesGz, labels: labelBytes })).source).toContain(
      '(structure verified',
    );
  });

  it('a file that was packed anew', async () => {
    const error = await errorOf(
      load({ 'images.gz': gzipSync(imageBytes, { level: 1 }), 'labels.gz': labelsGz }),
    );
    expect(error.code).toBe('WRONG_CHECKSUM');
    expect(error.message).toMatch(
      /MD5 of the gzip file is \w{32}, expected \w{32}\. .* If it was only packed anew, unpack it/,
    );
  });
});

describe('EMNIST: one zip archive, images stored sideways, letters from 1', () => {
  const part = (split: string, count: number, first: number) => {
    const images = encodeIdx(8, [count, 28, 28], pixels(count));
    const labels = encodeIdx(
      8,
      [count],
      Array.from({ length: count }, (_, i) => (i % 26) + first),
    );
    const published = (kind: string, bytes: Buffer): PublishedFile => ({
      name: `emnist-letters-${split}-${kind}`,
      rawBytes: bytes.length,
    });
    return {
      count,
      images: published('images-idx3-ubyte', images),
      labels: published('labels-idx1-ubyte', labels),
      bytes: {
        [`gzip/emnist-letters-${split}-images-idx3-ubyte.gz`]: gzipSync(images),
        [`gzip/emnist-letters-${split}-labels-idx1-ubyte.gz`]: gzipSync(labels),
      },
    };
  };
  const train = part('train', 28, 1);
  const test = part('test', 3, 1);
  const good = { ...train.bytes, ...test.bytes, 'gzip/emnist-byclass-mapping.txt': Buffer.from('0 48') };

  const load = async (zip: Uint8Array, options: { split?: 'train' | 'test'; md5?: string } = {}) => {
    const server = await startServer((_request, response) => response.writeHead(200).end(zip));
    const url = `${server.url}gzip.zip`;
    const entry: CatalogueEntry = {
      ...catalogue['emnist-letters'],
      files: { train, test },
      archive: { url, md5: options.md5 ?? md5(zip), folder: 'gzip/' },
    };
    const world = await makeWorld({
      catalogue: { ...catalogue, 'emnist-letters': entry },
      mirrors: undefined,
    });
    const cache = join(world.cache, '..', 'emnist-letters');
    const { split = 'test' } = options;
    const load = () => loadDataset('emnist-letters', { split, context: world.context });
    return { ...world, server, cache, load };
  };

  it('is downloaded once, for all four files', async () => {
    const world = await load(zipSync(good, { level: 0 }));
    const first = await world.load();
    expect(first.source).toMatch(/\/gzip\.zip \(structure verified/);
    const second = await world.load();
    expect(second.source).toContain('(structure verified');
    expect(second.source).toContain(join('emnist-letters', 'emnist-letters-test-images-idx3-ubyte.gz'));
    const trainSet = await loadDataset('emnist-letters', { split: 'train', context: world.context });
    expect(trainSet.images.shape).toEqual([28, 28, 28]);
    expect(world.server.requests).toEqual(['/gzip.zip']);
    expect((await readdir(world.cache)).sort()).toEqual([
      'emnist-letters-test-images-idx3-ubyte.gz',
      'emnist-letters-test-labels-idx1-ubyte.gz',
      'emnist-letters-train-images-idx3-ubyte.gz',
      'emnist-letters-train-labels-idx1-ubyte.gz',
    ]);
  });

  it('gives upright images and labels from 0', async () => {
    const set = await (await load(zipSync(good), { split: 'train' })).load();
    for (const [i, y, x] of [
      [0, 0, 1],
      [2, 5, 20],
      [27, 27, 0],
    ] as const)
      expect(set.images.get(i, y, x)).toBe(pixels(28)[i * 784 + x * 28 + y]);
    expect(set.labels.get(0)).toBe(0);
    expect(set.classNames[set.labels.get(25)]).toBe('Z');
    expect(set.labels.get(26)).toBe(0);
  });

  it.each([
    [
      'another archive',
      zipSync(good),
      'f'.repeat(32),
      'WRONG_CHECKSUM',
      /MD5 of the archive is \w{32}, expected f{32}. It is not the published archive; fetch it again later/,
    ],
    [
      'not a zip',
      Buffer.from('<html>moved</html>'.repeat(10)),
      undefined,
      'NOT_A_FILE',
      /gzip\.zip: not a readable zip archive \(.*\)\. Fetch it again later/,
    ],
    ['a cut-off zip', zipSync(good).subarray(0, -40), undefined, 'NOT_A_FILE', /not a readable zip archive/],
    [
      'a missing member',
      zipSync(test.bytes),
      undefined,
      'WRONG_SHAPE',
      /the archive has no gzip\/emnist-letters-train-images-idx3-ubyte\.gz. It is not the published archive/,
    ],
    [
      'a damaged member',
      zipSync({ ...good, 'gzip/emnist-letters-test-images-idx3-ubyte.gz': gzipSync('junk') }),
      undefined,
      'NOT_IDX',
      /gzip\/emnist-letters-test-images-idx3-ubyte\.gz in http/,
    ],
    [
      'a zip bomb',
      zipSync({ ...good, 'gzip/emnist-letters-test-images-idx3-ubyte.gz': Buffer.alloc(20e6) }),
      undefined,
      'NOT_A_FILE',
      /has 20000000 bytes, expected at most 3416/,
    ],
  ])('%s', async (_name, zip, sum, code, text) => {
    const world = await load(zip, { md5: sum });
    const error = await errorOf(world.load());
    expect(error.code).toBe('DATASET_UNAVAILABLE');
    expect(error.causes.at(-1)).toMatchObject({ code });
    expect(error.causes.at(-1)!.message).toMatch(text);
    expect(error.message).toContain('Put gzip/emnist-letters-test-images-idx3-ubyte.gz of http');
    expect(await readdir(world.cache)).toEqual([]);
  });
});
