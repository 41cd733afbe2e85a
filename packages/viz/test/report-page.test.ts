import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath, launchChromium, noChromium } from '@mnist/kit/browser-testing';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_SCRIPT } from '../src/_page-script.js';
import { contestedImages } from '../src/index.js';
import { sampleCommittee, sampleReport } from './_sample-report.js';

if (chromiumPath === undefined) console.warn(noChromium);

const committee = sampleCommittee();

/** Errors of some of the nets, counted here by plain arithmetic. */
function errorsOf(voting: readonly number[]): number {
  return [...Array(committee.labels.length).keys()].filter((index) => {
    const mean = Array.from({ length: 10 }, (_, k) =>
      voting.reduce((sum, net) => sum + committee.members[net]!.probabilities.data[index * 10 + k]!, 0),
    );
    return mean.indexOf(Math.max(...mean)) !== committee.labels[index];
  }).length;
}

it('is the script that src/page makes', async () => {
  const path = '../scripts/page-script.mjs';
  const { pageScript } = (await import(path)) as { pageScript: () => Promise<string> };
  expect(PAGE_SCRIPT).toBe(await pageScript());
});

describe('contestedImages', () => {
  it('are all images on which a committee of the nets can err', () => {
    const contested = contestedImages(committee);
    expect(contested.length).toBeLessThan(committee.labels.length);
    for (const net of [0, 3, 6]) expect(errorsOf([net])).toBeLessThanOrEqual(contested.length);
    const wrong = contested.filter((index) => index % 5 !== 0);
    expect(wrong).toEqual([]);
  });
});

describe.skipIf(chromiumPath === undefined)('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  const file = join(folder, 'index.html');
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, await sampleReport(committee));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  /** Opens the page, and afterwards expects no error and no request but the one for the file. */
  async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    const wrong: string[] = [];
    page.on('pageerror', ({ message }) => wrong.push(message));
    page.on('console', (message) => wrong.push(message.text()));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) wrong.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await look(page);
    expect(wrong).toEqual([]);
    await page.close();
  }

  const tally = (page: Page) => page.locator('.tally').textContent();
  const mistakes = (page: Page) => page.locator('.digits li:visible').count();

  it('recounts the errors of any part of the committee', () =>
    visit({}, async (page) => {
      const all = errorsOf([0, 1, 2, 3, 4, 5, 6]);
      expect(await tally(page)).toBe(
        `All 7 nets vote: ${all} errors in 200 images, ${(100 - all / 2).toFixed(2)}\u00a0% right.`,
      );
      expect(await mistakes(page)).toBe(all);
      const box = (net: number) => page.getByRole('checkbox', { name: `net ${net + 1}`, exact: true });
      await box(1).uncheck();
      await box(4).uncheck();
      const five = errorsOf([0, 2, 3, 5, 6]);
      expect(await tally(page)).toContain(`5 of 7 nets vote: ${five} errors in 200`);
      expect(await mistakes(page)).toBe(five);
      await page.getByRole('button', { name: 'No net' }).click();
      expect(await tally(page)).toBe('No net votes: switch some on.');
      expect(await mistakes(page)).toBe(0);
      for (const net of [0, 3, 6]) {
        await page.getByRole('button', { name: 'No net' }).click();
        // By the keyboard.
        await box(net).focus();
        await page.keyboard.press('Space');
        expect(await tally(page)).toContain(`1 of 7 nets vote: ${errorsOf([net])} errors`);
      }
      await page.getByRole('button', { name: 'All nets' }).click();
      expect(await mistakes(page)).toBe(all);
    }));

  it('opens a mistake large, with every net’s vote and its views', () =>
    visit({}, async (page) => {
      const first = page.locator('.digits li:visible button').first();
      const words = await first.locator('b').textContent();
      await first.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      const title = await dialog.getByRole('heading').textContent();
      const [truth, read] = words!.split(' → ');
      expect(title).toContain(`: a ${truth}, read as ${read}`);
      expect(await dialog.locator('tbody tr').count()).toBe(7);
      expect(
        await dialog.locator('.large').evaluate((image) => image.getBoundingClientRect().width),
      ).toBeGreaterThan(200);
      await page.keyboard.press('ArrowRight');
      expect(await dialog.getByRole('heading').textContent()).not.toBe(title);
      await page.keyboard.press('Escape');
      expect(await dialog.isVisible()).toBe(false);
      const withViews = page.locator('.digits li[data-views]:visible button').first();
      await withViews.click();
      expect(await dialog.getByAltText('8 augmented views of this image').isVisible()).toBe(true);
      await dialog.getByRole('button', { name: 'Close' }).click();
      expect(await withViews.evaluate((button) => button === document.activeElement)).toBe(true);
    }));

  it('reads curves under the pointer and by the arrow keys', () =>
    visit({}, async (page) => {
      const reader = page.getByRole('slider', {
        name: /^Accuracy by committee size: values by Nets in the committee/,
      });
      await reader.focus();
      await page.keyboard.press('Home');
      // As the sample has it: 0.9984 - 0.001 for one net.
      expect(await reader.getAttribute('aria-valuetext')).toMatch(
        /: mean 99\.740, middle 95 % 99\.70\d to 99\.7[78]\d$/,
      );
      await page.keyboard.press('End');
      expect(await reader.getAttribute('aria-valuetext')).toMatch(/committee 250: mean 99\.838/);
      const box = (await reader.boundingBox())!;
      await page.mouse.move(box.x + 1, box.y + 20);
      expect(await reader.locator('.values').textContent()).toContain('mean 99.740');
      await page.mouse.move(5, box.y);
      expect(await reader.locator('.values').isVisible()).toBe(false);
    }));

  it('sorts tables, numbers as numbers', () =>
    visit({}, async (page) => {
      const table = page.locator('table').first();
      const column = () => table.locator('tbody tr td:nth-child(3)').allTextContents();
      await table.getByRole('button', { name: 'Errors' }).click();
      expect(await column()).toEqual(['26', '20', '–']);
      await table.getByRole('button', { name: 'Errors' }).click();
      expect(await column()).toEqual(['20', '26', '–']);
      expect(await table.locator('th').nth(2).getAttribute('aria-sort')).toBe('ascending');
      await table.getByRole('button', { name: 'Committee' }).click();
      expect(await table.locator('tbody tr td:nth-child(1)').allTextContents()).toEqual([
        '5 nets',
        '15 nets',
        'one net',
      ]);
    }));

  it('has light and dark colours by the system and by choice, and prints on white', () =>
    visit({ colorScheme: 'dark' }, async (page) => {
      const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await paper();
      await page.getByLabel('Colours').selectOption('light');
      expect(await paper()).toBe('rgb(255, 255, 255)');
      await page.getByLabel('Colours').selectOption('dark');
      expect(await paper()).toBe(dark);
      await page.emulateMedia({ media: 'print' });
      expect(await paper()).toBe('rgb(255, 255, 255)');
    }));

  it('says the same without scripts', () =>
    visit({ javaScriptEnabled: false }, async (page) => {
      const all = errorsOf([0, 1, 2, 3, 4, 5, 6]);
      expect(await tally(page)).toContain(`All 7 nets vote: ${all} errors`);
      expect(await mistakes(page)).toBe(all);
      expect(await page.locator('button, input, select').count()).toBe(0);
    }));

  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'fits %i pixels and is accessible in %s colours, also with a mistake open',
    (width, colorScheme) =>
      visit({ viewport: { width, height: 800 }, colorScheme }, async (page) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBeLessThanOrEqual(width);
        await page.evaluate(axe.source);
        const findings = () =>
          page.evaluate(async () => {
            const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
            return violations
              .filter(({ impact }) => impact === 'serious' || impact === 'critical')
              .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)} ${nodes[0]!.failureSummary}`);
          });
        expect(await findings()).toEqual([]);
        await page.locator('.digits li[data-views]:visible button').first().click();
        expect(await findings()).toEqual([]);
      }),
  );
});
