import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { ones, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compactNet, saveModel } from '../src/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code =
  "import '@tensorflow/tfjs-backend-cpu'; export * from '@mnist/models'; export { ones } from '@tensorflow/tfjs-core';";
if (chromiumPath === undefined) console.warn(noChromium);

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder);
    console.info(`@mnist/models by ${tool}, TensorFlow.js included: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
  });

  it.skipIf(chromiumPath === undefined)('builds a net and loads one over fetch in Chromium', async () => {
    const bundle = await bundleForBrowser(tool, code, folder);
    const dir = await mkdtemp(join(tmpdir(), 'models-'));
    const net = compactNet({ widths: [2, 3, 4], seed: 1 });
    await saveModel(net, dir);
    const [json, weights] = await Promise.all(
      ['model.json', 'weights.bin'].map((name) => readFile(join(dir, name))),
    );
    await rm(dir, { recursive: true });
    const damaged = Buffer.from(weights!).fill(7, 40, 44);
    const { result } = await inBrowser(
      bundle,
      (page) =>
        page.evaluate(async () => {
          const { app } = globalThis as unknown as {
            app: typeof import('../src/index.js') & { ones: typeof import('@tensorflow/tfjs-core').ones };
          };
          const images = app.ones([1, 28, 28, 1]);
          const logits = async (model: import('@tensorflow/tfjs-layers').LayersModel) => [
            ...(await (model.predict(images) as import('@tensorflow/tfjs-core').Tensor).data()),
          ];
          const loaded = await app.loadModel('/nets/1');
          return {
            loaded: await logits(loaded),
            built: await logits(app.compactNet({ widths: [2, 3, 4], seed: 1 })),
            damaged: await app.loadModel('/nets/2').catch((error) => error.code),
            saved: await app.saveModel(loaded, '/nets/3').catch((error) => error.code),
          };
        }),
      {
        'nets/1/model.json': json!,
        'nets/1/weights.bin': weights!,
        'nets/2/model.json': json!,
        'nets/2/weights.bin': damaged,
      },
    );
    const expected = [...(await (net.predict(ones([1, 28, 28, 1])) as Tensor).data())];
    for (const logits of [result.loaded, result.built]) {
      expect(logits).toHaveLength(10);
      for (const [i, logit] of logits.entries()) expect(logit).toBeCloseTo(expected[i]!, 4);
    }
    expect(result).toMatchObject({ damaged: 'FILE_CORRUPT', saved: 'SAVE_FAILED' });
  });
});
