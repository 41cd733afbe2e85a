import '@tensorflow/tfjs-backend-cpu';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { ones, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { committee, loadNet } from '../src/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code =
  "import '@tensorflow/tfjs-backend-cpu'; export * from '@mnist/pretrained'; export { ones } from '@tensorflow/tfjs-core';";
if (chromiumPath === undefined) console.warn(noChromium);

describe.each([
  // esbuild leaves the files behind, so they are served from a place of their own.
  ['esbuild', 'copied/nets'],
  ['vite', undefined],
] as const)('bundled by %s', (tool, from) => {
  it('wants no module of Node, and has no weights in the script', async () => {
    const { nodeModules, folder: site } = await bundleForBrowser(tool, code, folder);
    const { size } = await stat(`${site}/app.js`);
    console.info(`@mnist/pretrained by ${tool}, TensorFlow.js included, without the nets: ${size} bytes`);
    expect(nodeModules).toEqual([]);
    expect(size).toBeLessThan(1e6);
  });

  it.skipIf(chromiumPath === undefined).each([committee().nets[1]!.name, 'distilled-compact'])(
    'loads the net %s over fetch in Chromium',
    async (name) => {
      const bundle = await bundleForBrowser(tool, code, folder);
      const files: [string, Uint8Array][] = [];
      for (const file of ['model.json', 'weights.bin']) {
        const content = await readFile(`${folder}nets/${name}/${file}`);
        files.push([`copied/nets/${name}/${file}`, content]);
        files.push([`damaged/${name}/${file}`, Buffer.from(content).fill(7, 40, 44)]);
      }
      const { result, errors } = await inBrowser(
        bundle,
        (page) =>
          page.evaluate(
            async ([name, from]) => {
              const { app } = globalThis as unknown as {
                app: typeof import('../src/index.js') & { ones: typeof import('@tensorflow/tfjs-core').ones };
              };
              const net = await app.loadNet(name!, { from });
              const logits = net.predict(app.ones([1, 28, 28, 1])) as import('@tensorflow/tfjs-core').Tensor;
              const code = (error: { code: string }) => error.code;
              return {
                logits: [...(await logits.data())],
                damaged: await app.loadNet(name!, { from: '/damaged/' }).catch(code),
                nowhere: await app.loadNet(name!, { from: 'nowhere' }).catch(code),
              };
            },
            [name, from],
          ),
        Object.fromEntries(files),
      );
      const expected = [...(await ((await loadNet(name)).predict(ones([1, 28, 28, 1])) as Tensor).data())];
      expect(result.logits).toHaveLength(10);
      for (const [i, logit] of result.logits.entries()) expect(logit).toBeCloseTo(expected[i]!, 4);
      expect(result).toMatchObject({ damaged: 'FILE_CORRUPT', nowhere: 'FILE_MISSING' });
      // Of the net that is nowhere, and nothing else.
      expect(errors.filter((text) => !/404/.test(text))).toEqual([]);
    },
  );
});
