// Pictures of the page and of a run's report for the documentation, in headless Chromium; of phones the light and the dark one
// side by side:
//   pnpm --filter example-browser pictures <run folder> [--to folder]     MNIST_DATA_DIR brings the test images that are missed
// The run must have its report (`example-mnist report <run folder> --again` draws it anew).
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { drawStroke, servePage } from './serve-page.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string', default: fileURLToPath(new URL('../../../docs/pictures', import.meta.url)) },
  },
});
if (positionals.length !== 1) {
  console.error('Name the folder of one run: pnpm --filter example-browser pictures <run folder>');
  process.exit(2);
}
const [run] = positionals.map((folder) => resolve(folder));
await mkdir(values.to, { recursive: true });
execFileSync(process.execPath, [fileURLToPath(new URL('prepare-nets.mjs', import.meta.url)), run], {
  stdio: 'inherit',
});

const { page, close } = await servePage();
try {
  await drawStroke(page, [
    [0.3, 0.2],
    [0.7, 0.2],
    [0.45, 0.8],
  ]);
  await page.waitForFunction(() => document.getElementById('verdict')?.textContent?.startsWith('It is'));
  await takeAll('page', 1560);
  await page.goto(pathToFileURL(join(run, 'report', 'index.html')).href);
  await takeAll('report', 1560);
  await look({ width: 1280, height: 900 }, 'light');
  await page.locator('.digits li[data-views]:visible button').first().click();
  await page.screenshot({ path: join(values.to, 'report-mistake-1280-light.png') });
} finally {
  await close();
}

/** @param length of a phone's picture, in pixels */
async function takeAll(name, length) {
  const phones = [];
  for (const colours of ['light', 'dark']) {
    await look({ width: 390, height: length }, colours);
    phones.push(await page.screenshot());
    await look({ width: 1280, height: 900 }, colours);
    await page.screenshot({ path: join(values.to, `${name}-1280-${colours}.png`) });
  }
  const beside = await page.context().newPage();
  await beside.setViewportSize({ width: 2 * 390 + 20, height: length });
  const images = phones.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`);
  await beside.setContent(
    `<body style="display: flex; gap: 20px; margin: 0; background: #888">${images.join('')}`,
  );
  await beside.screenshot({ path: join(values.to, `${name}-390.png`) });
  await beside.close();
}

async function look(viewport, colorScheme) {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // Charts are drawn again for a new width.
  await page.waitForTimeout(500);
}
