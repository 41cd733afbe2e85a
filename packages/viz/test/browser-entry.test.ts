import { fileURLToPath } from 'node:url';
import { chromiumPath, launchChromium, noChromium } from '@mnist/kit/browser-testing';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

if (chromiumPath === undefined) console.warn(noChromium);

const bundle = () =>
  build({
    entryPoints: [fileURLToPath(new URL('../dist/browser.js', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'viz',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });

it('bundles for a browser: no module of Node, no native renderer, no package at all', async () => {
  const { metafile, outputFiles } = await bundle();
  // As it is published: whatever it needs is in it.
  expect(Object.keys(metafile.inputs)).toHaveLength(1);
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  // Kilobytes; a guard, not a promise.
  expect(outputFiles[0]!.contents.length / 1024).toBeLessThan(110);
});

it('offers the same names as the Node entry', async () => {
  const [node, browser] = await Promise.all([import('../src/index.js'), import('../src/browser.js')]);
  expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort());
});

it.skipIf(chromiumPath === undefined)('draws SVG and PNG in a browser', async () => {
  const { outputFiles } = await bundle();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.addScriptTag({ content: outputFiles[0]!.text });
    const found = await page.evaluate(async () => {
      const { viz } = window as unknown as { viz: typeof import('../src/browser.js') };
      const figure = viz.lossPlot({ series: [{ name: 'Training', loss: [2, 1, 0.5] }] });
      const png = await figure.toPng({ scale: 2 });
      document.body.innerHTML = figure.toSvg();
      return {
        signature: [...png.subarray(1, 4)].map((code) => String.fromCharCode(code)).join(''),
        // Bytes 16 to 23 of a PNG file: width and height, big endian.
        width: new DataView(png.buffer).getUint32(16),
        shown: document.querySelector('svg')!.getBoundingClientRect().width,
        terminal: viz.terminalOptions(),
      };
    });
    expect(found).toEqual({
      signature: 'PNG',
      width: 1440,
      shown: 720,
      terminal: { columns: 80, colour: 'none', characters: 'ascii' },
    });
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
