import { describe, expect, it } from 'vitest';
import { toAscii } from '../src/_terminal-text.js';
import { sampleFigures } from './_samples.js';

const figures = sampleFigures();

describe.each(Object.entries(figures))('%s', (name, figure) => {
  it('draws the SVG that was looked at', async () => {
    await expect(figure.toSvg()).toMatchFileSnapshot(`__snapshots__/${name}.svg`);
  });

  it('draws the terminal text that was looked at', async () => {
    await expect(figure.toTerminal({ columns: 80 })).toMatchFileSnapshot(`__snapshots__/${name}.txt`);
  });

  it('gives the same bytes every time, from data that were read once', async () => {
    const again = sampleFigures()[name]!;
    expect(again.toSvg({ theme: 'dark' })).toBe(figure.toSvg({ theme: 'dark' }));
    expect(Buffer.from(await again.toPng()).equals(Buffer.from(await figure.toPng()))).toBe(true);
  });

  it('is well-formed, names itself and has no number that is not one', async () => {
    for (const theme of ['light', 'dark', 'auto'] as const) {
      const svg = figure.toSvg({ theme });
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="720" height="\d+"/);
      expect(svg).toContain('<title>');
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(tagsBalance(svg)).toBe(true);
      expect(svg.includes('var(--viz-ink')).toBe(theme === 'auto');
    }
  });

  it.each([360, 720, 1100])('keeps every text inside its %i pixels', async (width) => {
    const svg = figure.resize(width).toSvg();
    expect(svg).toContain(`width="${width}"`);
    const { Resvg } = await import('@resvg/resvg-js');
    const { FONT_FILES } = await import('../src/_svg-to-png.js');
    // The bounding box of everything but the paper: what sticks out would be cut.
    const bare = svg.replace(/<rect width="\d+" height="\d+" fill="#ffffff"\/>/, '');
    const font = { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: 'Inter' };
    const box = new Resvg(bare, { font }).getBBox()!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
  });

  it('never leaves the columns of the terminal', () => {
    for (const columns of [20, 40, 80, 200]) {
      for (const characters of ['unicode', 'ascii'] as const) {
        for (const colour of ['none', 'ansi256', 'truecolour'] as const) {
          const text = figure.toTerminal({ columns, characters, colour });
          // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences take no room
          const bare = text.replace(/\u001b\[[\d;]*m/g, '');
          expect(Math.max(...bare.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns);
          expect(colour === 'none' ? text : '').not.toContain('\u001b');
          if (characters === 'ascii') expect(toAscii(bare)).toBe(bare);
        }
      }
    }
  });

  it('refuses unknown options', async () => {
    expect(() => figure.toSvg({ colour: 'red' } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    await expect(figure.toPng({ scale: 0 })).rejects.toThrow(
      /scale is 0; expected a finite number from 0.25 to 8/,
    );
    expect(() => figure.toTerminal({ columns: 3 })).toThrow(/columns is 3/);
    expect(() => figure.resize(10)).toThrow(/width is 10; expected a finite number from 240 to 2000/);
  });
});

function tagsBalance(svg: string): boolean {
  const open: string[] = [];
  for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
    if (self) continue;
    if (!close) open.push(name!);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
