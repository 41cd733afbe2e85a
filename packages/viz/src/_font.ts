import { FONT_WIDTHS, UNITS_PER_EM } from './_font-widths.js';

export const FONT_FAMILY = 'Inter';
/** For SVG and CSS: the real font where it is present, else the reader’s own; those named are no wider than Inter, for which the text was measured. */
export const FONT_STACK =
  "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";

export type FontWeight = 400 | 600;

const advances = new Map<FontWeight, ReadonlyMap<number, number>>();

function advancesOf(weight: FontWeight): ReadonlyMap<number, number> {
  let found = advances.get(weight);
  if (found === undefined) {
    found = new Map(
      FONT_WIDTHS[weight].flatMap(([first, widths]) =>
        widths
          .split(' ')
          .flatMap((width, at) =>
            width === '' ? [] : [[first + at, Number(width) / UNITS_PER_EM] as const],
          ),
      ),
    );
    advances.set(weight, found);
  }
  return found;
}

/** Advance width in fractions of the font size. Of a character that Inter lacks, what other fonts give it: one em for the wide ones. */
export function advanceWidth(character: string, weight: FontWeight): number {
  const known = advancesOf(weight).get(character.codePointAt(0)!);
  if (known !== undefined) return known;
  return /\p{Mark}/u.test(character) ? 0 : isWide(character) ? 1 : 0.7;
}

/** Chinese, Japanese, Korean and emoji: twice as wide as a Latin letter, in a terminal too. */
export function isWide(character: string): boolean {
  const code = character.codePointAt(0)!;
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** Whether Inter draws a character; what it does not is drawn by some font of the system. */
export function isInFont(character: string): boolean {
  return advancesOf(400).has(character.codePointAt(0)!);
}
