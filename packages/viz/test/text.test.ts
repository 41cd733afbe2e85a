import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { displayWidth, fitColumns, printable, toAscii } from '../src/_terminal-text.js';
import { escapeXml, fitText, measureText, wrapText } from '../src/_text.js';
import { fc, test } from './_fast-check.js';

const golden = JSON.parse(readFileSync(new URL('./golden/text-widths.json', import.meta.url), 'utf8')) as {
  cases: { weight: 400 | 600; text: string; em: number }[];
};

describe('measureText', () => {
  it.each(golden.cases)('agrees with Pillow on $text, weight $weight', ({ weight, text, em }) => {
    // Pillow rounds each advance to 1/64 pixel at size 2048.
    expect(measureText(text, 1, weight)).toBeCloseTo(em, 3);
  });
});

it('has the widths of the font that it draws with', async () => {
  const script = '../scripts/font-widths.mjs';
  const { fontWidthsSource } = (await import(script)) as { fontWidthsSource: () => string };
  const widthsIn = (source: string) => source.match(/\d+|0x[\da-f]+/g)!.join(' ');
  expect(widthsIn(readFileSync(new URL('../src/_font-widths.ts', import.meta.url), 'utf8'))).toBe(
    widthsIn(fontWidthsSource()),
  );
});

describe('wrapText', () => {
  test.prop([fc.string({ maxLength: 200 }), fc.integer({ min: 30, max: 400 })])(
    'loses no visible character and keeps to the width',
    (text, width) => {
      const lines = wrapText(text, width, 13);
      expect(lines.join('').replace(/[ \n]/g, '')).toBe(text.replace(/[ \n]/g, ''));
      for (const line of lines) expect(measureText(line, 13)).toBeLessThanOrEqual(width);
    },
  );
});

describe('fitText', () => {
  test.prop([fc.string({ minLength: 1, maxLength: 60 }), fc.integer({ min: 40, max: 300 })])(
    'fits',
    (text, width) => {
      expect(measureText(fitText(text, width, 12), 12)).toBeLessThanOrEqual(width);
    },
  );
});

describe('escapeXml', () => {
  it('leaves no markup, no control characters and no half of a pair', () => {
    expect(escapeXml('<a href="x">&\u0000\ud800</a>')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;□□&lt;/a&gt;');
  });
});

describe('terminal text', () => {
  it('writes what a typewriter can', () => {
    expect(toAscii('10⁻⁴ to 4×10⁻⁵: 3 → 5, “Größe” ≥ 1 µ 漢')).toBe(
      '1e-4 to 4e-5: 3 -> 5, "Grosse" >= 1 u ?',
    );
  });

  it('counts wide characters twice and marks not at all', () => {
    expect(displayWidth('漢字')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
  });

  it('lets no label move the cursor', () => {
    expect(printable('a\u001b[2Jb\rc')).toBe('a [2Jb c');
  });

  test.prop([fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 1, max: 40 })])(
    'fits columns',
    (text, columns) => {
      expect(displayWidth(fitColumns(text, columns))).toBeLessThanOrEqual(columns);
    },
  );
});
