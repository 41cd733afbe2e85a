import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const FONT_FAMILY = 'Inter';
/** For SVG and CSS: the real font where it is present, else the reader’s own; those named are no wider than Inter, for which the text was measured. */
export const FONT_STACK =
  "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";

export type FontWeight = 400 | 600;

const FILES: Record<FontWeight, string> = {
  400: '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf',
  600: '@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf',
};

/** Absolute paths of the TrueType files. */
export function fontFiles(): string[] {
  return [fontFile(400), fontFile(600)];
}

/** Advance widths of one font, in fractions of the font size. */
export interface FontMetrics {
  readonly advance: (codePoint: number) => number;
}

const metrics = new Map<FontWeight, FontMetrics>();

/** Reads a font's widths once a process. */
export function fontMetrics(weight: FontWeight): FontMetrics {
  let found = metrics.get(weight);
  if (found === undefined) {
    found = readMetrics(readFileSync(fontFile(weight)));
    metrics.set(weight, found);
  }
  return found;
}

function fontFile(weight: FontWeight): string {
  return createRequire(import.meta.url).resolve(FILES[weight]);
}

/** The tables head, hhea, hmtx and cmap of a TrueType file (OpenType specification 1.9). */
function readMetrics(font: Buffer): FontMetrics {
  const tables = new Map<string, number>();
  for (let index = 0; index < font.readUInt16BE(4); index++) {
    const record = 12 + 16 * index;
    tables.set(font.toString('latin1', record, record + 4), font.readUInt32BE(record + 8));
  }
  const unitsPerEm = font.readUInt16BE(tables.get('head')! + 18);
  const longMetrics = font.readUInt16BE(tables.get('hhea')! + 34);
  const hmtx = tables.get('hmtx')!;
  const glyphOf = readCharacterMap(font, tables.get('cmap')!);
  return {
    advance(codePoint) {
      const glyph = Math.min(glyphOf(codePoint), longMetrics - 1);
      return font.readUInt16BE(hmtx + 4 * glyph) / unitsPerEm;
    },
  };
}

/** Format 4, the one that every TrueType font has for the basic plane; anything else is glyph 0, the empty box. */
function readCharacterMap(font: Buffer, cmap: number): (codePoint: number) => number {
  let table = -1;
  for (let index = 0; index < font.readUInt16BE(cmap + 2); index++) {
    const at = cmap + font.readUInt32BE(cmap + 4 + 8 * index + 4);
    if (font.readUInt16BE(at) === 4) table = at;
  }
  const segments = font.readUInt16BE(table + 6) / 2;
  const ends = table + 14;
  const starts = ends + 2 * segments + 2;
  const deltas = starts + 2 * segments;
  const offsets = deltas + 2 * segments;
  return (codePoint) => {
    for (let index = 0; index < segments; index++) {
      if (font.readUInt16BE(ends + 2 * index) < codePoint) continue;
      const start = font.readUInt16BE(starts + 2 * index);
      if (start > codePoint) return 0;
      const delta = font.readUInt16BE(deltas + 2 * index);
      const offset = font.readUInt16BE(offsets + 2 * index);
      if (offset === 0) return (codePoint + delta) & 0xffff;
      const glyph = font.readUInt16BE(offsets + 2 * index + offset + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
