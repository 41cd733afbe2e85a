import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { compose, elastic, fusedPipeline, parallelLoader, rotate, trainingPipeline } from '../src/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const worker = fileURLToPath(new URL('../dist/loader-worker.browser.js', import.meta.url));
const code = "export * from '@mnist/augment'; export { default as ndarray } from 'ndarray';";
if (chromiumPath === undefined) console.warn(noChromium);

/** Runs in the page and here, with the same result. */
async function work(app: typeof import('../src/index.js') & { ndarray: typeof ndarray }, workers: number) {
  const sums: number[] = [];
  const image = app.ndarray(
    Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 251),
    [28, 28],
  );
  for (const transform of [
    app.fusedPipeline(),
    app.trainingPipeline(),
    app.compose(app.rotate(), app.elastic()),
  ]) {
    const out = app.ndarray(new Float32Array(784), [28, 28]);
    transform(image, out, { seed: 1, epoch: 0, index: 3 });
    sums.push(out.data.reduce((sum, value, at) => sum + value * (at % 7), 0));
  }
  const dataset = {
    images: app.ndarray(
      Uint8Array.from({ length: 40 * 784 }, (_, i) => i % 251),
      [40, 28, 28],
    ),
    labels: app.ndarray(new Uint8Array(40), [40]),
  };
  const plan = {
    batchSize: 10,
    batchesPerEpoch: 4,
    totalBatches: 4,
    seed: 1,
    *iterate(start = 0) {
      for (let step = start; step < 4; step++)
        yield { indices: Uint32Array.from({ length: 10 }, (_, i) => 10 * step + i), step, epoch: 0 };
    },
  };
  const loader = app.parallelLoader(dataset as never, plan, { transform: app.fusedPipeline(), workers });
  for await (const batch of loader.iterate())
    sums.push(batch.images.data.reduce((sum, value, at) => sum + value * (at % 7), 0));
  await loader.close();
  return sums;
}

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  test('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder, [worker]);
    console.info(`@mnist/augment by ${tool}, its worker included: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
    expect(bytes).toBeLessThan(150_000);
  });

  test.skipIf(chromiumPath === undefined)('transforms in Chromium, in web workers too', async () => {
    const bundle = await bundleForBrowser(tool, code, folder, [worker]);
    const { result, errors } = await inBrowser(bundle, (page) =>
      page.evaluate(`(${work.toString()})(app, 2)`),
    );
    const here = { ndarray, compose, elastic, fusedPipeline, parallelLoader, rotate, trainingPipeline };
    const expected = await work(here as never, 0);
    expect((result as number[]).length).toBe(expected.length);
    for (const [i, sum] of (result as number[]).entries()) expect(sum).toBeCloseTo(expected[i]!, 3);
    expect(errors).toEqual([]);
  });
});
