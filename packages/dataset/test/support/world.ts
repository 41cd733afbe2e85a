import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import type { CatalogueEntry } from '../../src/catalogue.js';
import { catalogue } from '../../src/catalogue.js';
import type { DatasetContext } from '../../src/index.js';
import { DatasetError } from '../../src/index.js';
import { encodeIdx } from './idx.js';

/** A small data set that takes MNIST's place in tests: 20 and 10 images, whose every pixel is known. */
export const tiny = makeTiny();

function makeTiny() {
  const raw: Record<string, Buffer> = {};
  const part = (prefix: string, count: number, salt: number) => {
    const pixels = Array.from({ length: count * 784 }, (_, i) => (i * 31 + salt) % 256);
    const images = encodeIdx(8, [count, 28, 28], pixels);
    const labels = encodeIdx(
      8,
      [count],
      Array.from({ length: count }, (_, i) => i % 10),
    );
    raw[`${prefix}-images-idx3-ubyte`] = images;
    raw[`${prefix}-labels-idx1-ubyte`] = labels;
    const published = (name: string, bytes: Buffer) => ({
      name,
      rawBytes: bytes.length,
      rawMd5: createHash('md5').update(bytes).digest('hex'),
    });
    return {
      images: published(`${prefix}-images-idx3-ubyte`, images),
      labels: published(`${prefix}-labels-idx1-ubyte`, labels),
      count,
    };
  };
  const entry: CatalogueEntry = {
    ...catalogue.mnist,
    files: { train: part('train', 20, 7), test: part('t10k', 10, 99) },
  };
  const gz = Object.fromEntries(
    Object.entries(raw).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes) as Uint8Array]),
  );
  return { entry, raw, gz };
}

export const testImages = 't10k-images-idx3-ubyte.gz';
export const testLabels = 't10k-labels-idx1-ubyte.gz';

/** An empty home, an empty system folder and no environment, in a folder that goes away after the test. */
export async function makeWorld(overrides: Partial<DatasetContext> = {}) {
  const root = await mkdtemp(join(tmpdir(), 'mnist-dataset-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const context: Partial<DatasetContext> = {
    env: {},
    home: join(root, 'home'),
    platform: 'linux',
    systemFolder: join(root, 'system'),
    catalogue: { ...catalogue, mnist: tiny.entry },
    timeout: 2_000,
    retryDelay: 1,
    mirrors: [],
    ...overrides,
  };
  const cache = join(root, 'home', '.cache', 'mnist-datasets', 'mnist');
  const warnings: string[] = [];
  return {
    root,
    cache,
    context,
    warnings,
    onWarning: (message: string) => void warnings.push(message),
    put: async (folder: string, files: Readonly<Record<string, Uint8Array>>) => {
      await mkdir(folder, { recursive: true });
      for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
      return folder;
    },
    cached: async () => (await readdir(cache).catch(() => [])).sort(),
    /** A text without this run's folders and ports. */
    plain: (text: string) =>
      text
        .replaceAll(root, '<root>')
        .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1')
        .replaceAll('\\', '/'),
  };
}

/** The DatasetError that a promise or function ends with. */
export async function errorOf(action: Promise<unknown> | (() => unknown)): Promise<DatasetError> {
  try {
    await (typeof action === 'function' ? action() : action);
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
  throw new Error('expected a DatasetError, but it went well');
}
