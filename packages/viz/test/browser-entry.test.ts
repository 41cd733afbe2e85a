import { fileURLToPath } from 'node:url';
import { bundleForBrowser, chromiumPath, inBrowser, noChromium } from '@mnist/kit/browser-testing';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const code = "export * from '@mnist/viz';";
if (chromiumPath === undefined) console.warn(noChromium);

it('needs no package at all in a browser, the native renderer least of all', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../dist/browser.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  // As it is published: whatever it needs is in it.
  expect(Object.keys(metafile.inputs)).toHaveLength(1);
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

it('offers the same names as the Node entry', async () => {
  const [node, browser] = await Promise.all([import('../src/index.js'), import('../src/browser.js')]);
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
});

describe.each(['esbuild', 'vite'] as const)('bundled by %s', (tool) => {
  it('wants no module of Node', async () => {
    const { nodeModules, bytes, gzipBytes } = await bundleForBrowser(tool, code, folder);
    console.info(`@mnist/viz by ${tool}: ${bytes} bytes, ${gzipBytes} gzipped`);
    expect(nodeModules).toEqual([]);
    // A guard, not a promise.
    expect(bytes / 1024).toBeLessThan(110);
  });

  it.skipIf(chromiumPath === undefined)('draws SVG and PNG in Chromium', async () => {
    const bundle = await bundleForBrowser(tool, code, folder);
    const { result, errors } = await inBrowser(bundle, (page) =>
      page.evaluate(async () => {
        const { app } = globalThis as unknown as { app: typeof import('../src/browser.js') };
        const figure = app.lossPlot({ series: [{ name: 'Training', loss: [2, 1, 0.5] }] });
        const png = await figure.toPng({ scale: 2 });
        document.body.innerHTML = figure.toSvg();
        return {
          signature: [...png.subarray(1, 4)].map((code) => String.fromCharCode(code)).join(''),
          // Bytes 16 to 23 of a PNG file: width and height, big endian.
          width: new DataView(png.buffer).getUint32(16),
          shown: document.querySelector('svg')!.getBoundingClientRect().width,
          terminal: app.terminalOptions(),
        };
      }),
    );
    expect(result).toEqual({
      signature: 'PNG',
      width: 1440,
      shown: 720,
      terminal: { columns: 80, colour: 'none', characters: 'ascii' },
    });
    expect(errors).toEqual([]);
  });
});
