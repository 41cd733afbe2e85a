import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { describe, expect, it } from 'vitest';
import { testImages, testLabels, tiny } from './support/world.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
if (chromiumPath === undefined) console.warn(noChromium);

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(
      tool,
      "export * from '@mnist/dataset';",
      folder,
    );
    console.info(`@mnist/dataset by ${tool}: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
    // A guard, not a promise.
    expect(bytes).toBeLessThan(70_000);
  });

  it.skipIf(chromiumPath === undefined)('loads, draws, splits and batches in Chromium', async () => {
    const bundle = await bundleForBrowser(tool, "export * from '@mnist/dataset';", folder);
    const { result, errors } = await inBrowser(
      bundle,
      (page) =>
        page.evaluate(
          async ({ entry }) => {
            const { app } = globalThis as unknown as { app: typeof import('../src/index.js') };
            const context = { catalogue: { ...app.catalogue, mnist: entry } };
            const loaded = await app.loadDataset('mnist', { split: 'test', dataDir: '/data', context });
            const missing = await app
              .loadDataset('kmnist', { split: 'test', dataDir: 'nowhere' })
              .catch((error) => `${error.name} ${error.code}`);
            const damaged = await app
              .loadDataset('mnist', { split: 'test', dataDir: '/damaged', context })
              .catch((error) => `${error.code}: ${error.causes[0].code}`);
            const digits = app.syntheticDigits({ count: 20, seed: 1 });
            const { train, heldOut } = app.splitHeldOut(digits, { heldOut: 5, seed: 1 });
            const [first] = [...app.batches(train, { batchSize: 15, seed: 1 })];
            return {
              loaded: [...loaded.images.shape, ...loaded.labels.data],
              pixel: loaded.images.data[5],
              missing,
              damaged,
              drawn: digits.images.data.reduce((sum, value) => sum + value, 0),
              held: heldOut.labels.shape[0],
              batch: first!.images.shape,
            };
          },
          { entry: tiny.entry },
        ),
      {
        [`data/${testImages}`]: tiny.gz[testImages]!,
        // Unpacked files serve as well.
        [`data/${testLabels.replace('.gz', '')}`]: tiny.raw[testLabels.replace('.gz', '')]!,
        [`damaged/${testImages}`]: tiny.gz[testImages]!.map((byte, at) => (at === 100 ? byte ^ 4 : byte)),
      },
    );
    const { syntheticDigits } = await import('../src/index.js');
    expect(result).toEqual({
      loaded: [10, 28, 28, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      pixel: tiny.raw['t10k-images-idx3-ubyte']![16 + 5],
      missing: 'DatasetError DATASET_UNAVAILABLE',
      damaged: 'DATASET_UNAVAILABLE: CORRUPT_GZIP',
      drawn: syntheticDigits({ count: 20, seed: 1 }).images.data.reduce((sum, value) => sum + value, 0),
      held: 5,
      batch: [15, 28, 28, 1],
    });
    // What is not there is asked for, and the browser says so.
    expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
  });
});
