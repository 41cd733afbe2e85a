import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const executablePath = [
  process.env.CHROME_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== '' && existsSync(path));
const hasNets = existsSync(join(root, 'public/nets/index.json'));
const missing = !executablePath
  ? 'no Chromium or Chrome here; name one with CHROME_PATH'
  : hasNets
    ? ''
    : 'no nets in public/nets; `npm start`, then `pnpm --filter example-browser prepare-nets`';
if (missing) console.log(`The page is not tested: ${missing}.`);

let server: PreviewServer;
let context: BrowserContext;
let page: Page;
let folder: string;
const complaints: string[] = [];

beforeAll(async () => {
  if (missing) return;
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  await build({ root, logLevel: 'error', build: { outDir: join(folder, 'site') } });
  server = await preview({
    root,
    logLevel: 'error',
    build: { outDir: join(folder, 'site') },
    preview: { port: 0 },
  });
  const address = server.httpServer.address();
  const port = typeof address === 'object' ? address?.port : 0;
  context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: executablePath!,
    headless: true,
    viewport: { width: 1280, height: 900 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(http:\/\/localhost:|data:|blob:)/.test(request.url()))
      complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(`http://localhost:${port}/`);
  await page.waitForFunction(
    () => document.getElementById('status')?.textContent?.endsWith('ready'),
    undefined,
    {
      timeout: 120_000,
    },
  );
}, 300_000);

afterAll(async () => {
  await context?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const verdict = (text: string) =>
  page.waitForFunction(
    (expected) => document.getElementById('verdict')?.textContent?.includes(expected),
    text,
    {
      timeout: 60_000,
    },
  );

async function draw(points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]!));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}

it.skipIf(missing !== '')(
  'recognises a drawn digit, by mouse and by keyboard',
  async () => {
    await draw([
      [0.3, 0.2],
      [0.7, 0.2],
      [0.45, 0.8],
    ]);
    await verdict('It is a 7');
    await page.screenshot({ path: join(process.env.MNIST_TEST_SCREENSHOTS ?? folder, '1280-light.png') });
    await page.click('#clear');
    await verdict('Nothing to read yet');
    await page.focus('#pad');
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    for (let i = 0; i < 18; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await verdict('It is a 1');
  },
  120_000,
);

it.skipIf(missing !== '')(
  'reads a dropped photo, and refuses a blank one',
  async () => {
    const paint = (digit: boolean) =>
      page.evaluate(async (inked) => {
        const canvas = document.createElement('canvas');
        canvas.width = 640;
        canvas.height = 480;
        const ink = canvas.getContext('2d')!;
        const light = ink.createLinearGradient(0, 0, 640, 0);
        light.addColorStop(0, '#777');
        light.addColorStop(1, '#fff');
        ink.fillStyle = light;
        ink.fillRect(0, 0, 640, 480);
        ink.lineWidth = 16;
        ink.lineCap = 'round';
        if (inked) ink.stroke(new Path2D('M 250 150 L 250 260 L 370 260 M 350 150 L 345 370'));
        const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
        const data = new DataTransfer();
        data.items.add(new File([blob!], 'photo.jpg', { type: 'image/jpeg' }));
        dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
      }, digit);
    await paint(true);
    await verdict('It is a 4');
    await paint(false);
    await verdict('No digit found');
  },
  120_000,
);

it.skipIf(missing !== '')(
  'is accessible, narrow and wide, light and dark',
  async () => {
    await page.click('#clear');
    await draw([
      [0.5, 0.15],
      [0.5, 0.85],
    ]);
    await verdict('It is a 1');
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [390, 1280]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const { violations } = await (
            globalThis as unknown as {
              axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> };
            }
          ).axe.run();
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id }) => id);
        });
        expect(found, `${width} px, ${colorScheme}`).toEqual([]);
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          'scrolls sideways',
        ).toBeLessThanOrEqual(0);
        if (process.env.MNIST_TEST_SCREENSHOTS)
          await page.screenshot({
            path: join(process.env.MNIST_TEST_SCREENSHOTS, `${width}-${colorScheme}-1.png`),
          });
      }
  },
  120_000,
);

it.skipIf(missing !== '')('complains of nothing and asks nobody else', () => {
  expect(complaints).toEqual([]);
});
