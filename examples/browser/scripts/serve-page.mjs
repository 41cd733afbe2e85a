// The built page on loopback, in headless Chromium: for its test and for scripts/first-vote.mjs.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumOptions } from '@mnist/kit/browser-testing';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds the page, serves it and opens it, its nets loaded.
 *
 * @param nets folder with an index.json as scripts/prepare-nets.mjs writes it; else those of public/nets
 * @returns the page; `complaints`, to which errors and requests to others are added; `stopServer` and `close`
 */
export async function servePage(nets) {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  const outDir = join(folder, 'site');
  // As it is shipped, with its service worker, also when a test runner says otherwise.
  process.env.NODE_ENV = 'production';
  await build({ root, logLevel: 'error', build: { outDir } });
  if (nets) {
    await rm(join(outDir, 'nets'), { recursive: true, force: true });
    await cp(nets, join(outDir, 'nets'), { recursive: true });
  }
  const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
  const { port } = server.httpServer.address();
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...chromiumOptions,
    viewport: { width: 1280, height: 900 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`http://localhost:${port}/`) && !/^(data|blob):/.test(request.url()))
      complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(`http://localhost:${port}/`);
  await netsReady(page);
  return {
    page,
    complaints,
    stopServer: () => server.close(),
    async close() {
      await context.close();
      await server.close().catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function netsReady(page) {
  return page.waitForFunction(
    () => document.getElementById('status')?.textContent?.endsWith('ready'),
    undefined,
    { timeout: 120_000 },
  );
}

/** Writes one stroke with the mouse. @param points shares of the pad's width and height */
export async function drawStroke(page, points) {
  const box = await page.locator('#pad').boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}
