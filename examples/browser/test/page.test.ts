import { fileURLToPath } from 'node:url';
import { chromiumPath, noChromium } from '@mnist/kit/browser-testing';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Points = readonly (readonly [number, number])[];
interface ServedPage {
  readonly page: Page;
  readonly complaints: string[];
  stopServer(): Promise<void>;
  close(): Promise<void>;
}
const helpers = '../scripts/serve-page.mjs';
const { servePage, netsReady, drawStroke } = (await import(helpers)) as {
  servePage(nets?: string): Promise<ServedPage>;
  netsReady(page: Page): Promise<void>;
  drawStroke(page: Page, points: Points): Promise<void>;
};

if (chromiumPath === undefined) console.warn(noChromium);
const nets = fileURLToPath(new URL('nets', import.meta.url));

describe.skipIf(chromiumPath === undefined).sequential('the page', () => {
  let served: ServedPage;
  let page: Page;

  beforeAll(async () => {
    served = await servePage(nets);
    page = served.page;
  }, 300_000);

  afterAll(async () => {
    await served?.close();
  });

  const verdict = (text: string) =>
    page.waitForFunction(
      (expected) => document.getElementById('verdict')?.textContent?.includes(expected),
      text,
      {
        timeout: 60_000,
      },
    );

  const draw = (points: Points) => drawStroke(page, points);

  it('recognises a drawn digit, by mouse and by keyboard', async () => {
    await draw([
      [0.3, 0.2],
      [0.7, 0.2],
      [0.45, 0.8],
    ]);
    await verdict('It is a 7');
    await page.click('#clear');
    await verdict('Nothing to read yet');
    await page.focus('#pad');
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    for (let i = 0; i < 18; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await verdict('It is a 1');
  }, 120_000);

  it('reads a dropped photo, and refuses a blank one', async () => {
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
  }, 120_000);

  it('is accessible, narrow and wide, light and dark', async () => {
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
      }
  }, 120_000);

  it('works without a network after the first load', async () => {
    await page.waitForFunction(() => document.body.dataset.offline === 'ready', undefined, {
      timeout: 60_000,
    });
    await served.stopServer();
    await page.reload();
    await netsReady(page);
    await draw([
      [0.3, 0.2],
      [0.7, 0.2],
      [0.45, 0.8],
    ]);
    await verdict('It is a 7');
  }, 120_000);

  it('complains of nothing and asks nobody else', () => {
    expect(served.complaints).toEqual([]);
  });
});
