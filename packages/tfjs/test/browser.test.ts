import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code = `
  import '@tensorflow/tfjs-backend-cpu';
  export * from '@mnist/tfjs';
  export { EngineError } from '@mnist/engine';
  export * as layers from '@tensorflow/tfjs-layers';
  export { default as ndarray } from 'ndarray';`;
if (chromiumPath === undefined) console.warn(noChromium);

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder);
    console.info(
      `@mnist/tfjs with @mnist/engine by ${tool}, TensorFlow.js included: ${bytes} bytes, ${gzipBytes} gzipped`,
    );
    expect(nodeModules).toEqual([]);
  });

  it.skipIf(chromiumPath === undefined)('trains a step in Chromium', async () => {
    const bundle = await bundleForBrowser(tool, code, folder);
    const { result, errors } = await inBrowser(bundle, (page) =>
      page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: what the bundle exports
        const { app } = globalThis as any;
        const net = app.layers.sequential({
          layers: [
            app.layers.layers.flatten({ inputShape: [2, 2, 1] }),
            app.layers.layers.dense({ units: 3, kernelInitializer: 'zeros' }),
          ],
        });
        const session = await app.tfjsEngine().open(net, { batchSize: 2 });
        const images = app.ndarray(new Float32Array(8).fill(1), [2, 2, 2, 1]);
        const labels = app.ndarray(new Uint8Array(2), [2]);
        const hyper = { learningRate: 0.1, momentum: 0.9, weightDecay: 0 };
        const first = await session.step({ images, labels }, hyper);
        const second = await session.step({ images, labels }, hyper);
        await session.dispose();
        const native = await app.loadTfjsNode().catch((error: { code: string }) => error.code);
        return { first: first.loss, second: second.loss, native };
      }),
    );
    expect(result.first).toBeCloseTo(Math.log(3), 5);
    expect(result.second).toBeLessThan(result.first);
    expect(result.native).toBe('ENGINE_UNAVAILABLE');
    expect(errors).toEqual([]);
  });
});
