import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code = "export * from '@mnist/ensemble'; export { default as ndarray } from 'ndarray';";
if (chromiumPath === undefined) console.warn(noChromium);

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder);
    console.info(`@mnist/ensemble by ${tool}: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
    expect(bytes).toBeLessThan(60_000);
  });

  it.skipIf(chromiumPath === undefined)('votes in Chromium', async () => {
    const bundle = await bundleForBrowser(tool, code, folder);
    const { result, errors } = await inBrowser(bundle, (page) =>
      page.evaluate(() => {
        const { app } = globalThis as unknown as {
          app: typeof import('../src/index.js') & { ndarray: typeof import('ndarray') };
        };
        const nets = [
          [5, 1, 1, 4],
          [3, 0, 0, 3],
        ].map((values) => app.softmax(app.ndarray(Float32Array.from(values), [2, 2])));
        const { mean } = app.committeeTrials({ probabilities: nets, labels: [0, 1], size: 2, seed: 1 });
        return { mean, correct: app.accuracy(app.softVote(nets), [0, 1]).correct };
      }),
    );
    expect(result).toEqual({ mean: 1, correct: 2 });
    expect(errors).toEqual([]);
  });
});
