// Writes src/_font-widths.ts, the advance widths of Inter by which text is measured without reading a font:
// node packages/viz/scripts/font-widths.mjs. A test compares the file with the font.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';

/** Latin, Greek, Cyrillic, punctuation, superscripts, currencies, letter-like signs, arrows, mathematics, shapes, dingbats. */
const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x370, 0x4ff],
  [0x2000, 0x20bf],
  [0x2100, 0x2199],
  [0x2200, 0x2265],
  [0x25a0, 0x25ff],
  [0x2713, 0x2717],
];
const FILES = { 400: '400Regular/Inter_400Regular.ttf', 600: '600SemiBold/Inter_600SemiBold.ttf' };

export function fontWidthsSource() {
  const weights = Object.entries(FILES).map(([weight, file]) => {
    const bytes = readFileSync(createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`));
    const font = opentype.parse(new Uint8Array(bytes).buffer);
    const lines = RANGES.map(([first, last]) => {
      const widths = Array.from({ length: last - first + 1 }, (_, at) => {
        const character = String.fromCodePoint(first + at);
        return font.charToGlyphIndex(character) === 0 ? '' : font.charToGlyph(character).advanceWidth;
      });
      return `    [0x${first.toString(16)}, '${widths.join(' ')}'],`;
    });
    return `  ${weight}: [\n${lines.join('\n')}\n  ],`;
  });
  return [
    '// Written by scripts/font-widths.mjs from Inter (SIL Open Font License 1.1). Do not edit.',
    '',
    '/** Of one em. */',
    'export const UNITS_PER_EM = 2048;',
    '',
    '/** By weight: the first code point of a range, and the advance width of each from there on; empty where the font has none. */',
    'export const FONT_WIDTHS: Readonly<Record<400 | 600, readonly (readonly [first: number, widths: string])[]>> = {',
    ...weights,
    '};',
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('../src/_font-widths.ts', import.meta.url), fontWidthsSource());
}
