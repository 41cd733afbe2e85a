import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../scenes/canvas.js';
import { prepareDigit } from '../src/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code = "export * from '@mnist/handwriting';";
if (chromiumPath === undefined) console.warn(noChromium);

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder);
    console.info(`@mnist/handwriting by ${tool}: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
    // A guard, not a promise.
    expect(bytes).toBeLessThan(60_000);
  });

  it.skipIf(chromiumPath === undefined)('prepares a picture in Chromium as in Node', async () => {
    const bundle = await bundleForBrowser(tool, code, folder);
    const picture = new Canvas(200, 150, [0.9, 0.85, 0.8])
      .line(60, 30, 130, 30, 11, [0.1, 0.1, 0.3])
      .line(130, 30, 90, 120, 11, [0.1, 0.1, 0.3])
      .toPicture();
    const { result, errors } = await inBrowser(bundle, (page) =>
      page.evaluate(
        ({ data, ...size }) => {
          const { app } = globalThis as unknown as { app: typeof import('../src/index.js') };
          let refused: unknown;
          try {
            app.prepareDigit({ width: 90, height: 90, data: new Uint8ClampedArray(4 * 90 * 90) });
          } catch (error) {
            refused = error instanceof app.HandwritingError && error.code;
          }
          const digit = app.prepareDigit({ ...size, data: Uint8ClampedArray.from(data) });
          return { pixels: [...digit.image.data], warnings: digit.warnings, refused };
        },
        { ...picture, data: [...picture.data] },
      ),
    );
    const expected = prepareDigit(picture);
    expect(result).toEqual({
      pixels: [...expected.image.data],
      warnings: expected.warnings,
      refused: 'NO_DIGIT',
    });
    expect(errors).toEqual([]);
  });
});
