import { isWide } from './_font.js';
import { type Colour, themeColours } from './_theme.js';
import type { TerminalOptions } from './figure.js';

const ASCII: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': 'x',
  '→': '->',
  '…': '...',
  '±': '+/-',
  '·': '.',
  '≤': '<=',
  '≥': '>=',
  '≈': '~',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '\u00a0': ' ',
  '\u202f': ' ',
  '✓': 'ok',
  '✗': 'x',
  µ: 'u',
  ß: 'ss',
  σ: 'sigma',
};
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Letters lose their accents, signs get their typewriter form, and what has none becomes `?`. */
export function toAscii(text: string): string {
  return text
    .replace(/10(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, minus: string, digits: string) => {
      const plain = [...digits].map((digit) => SUPERSCRIPTS.indexOf(digit)).join('');
      return `1e${minus === '' ? '' : '-'}${plain}`;
    })
    .replace(/×1e/g, 'e')
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/\P{ASCII}/gu, (character) => ASCII[character] ?? '?');
}

/** Wide characters (CJK, emoji) take two cells. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += isWide(character) ? 2 : 1;
  }
  return width;
}

/** Cuts to `columns`, with an ellipsis where something is cut. Escape sequences must not be in it. */
export function fitColumns(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let fitted = '';
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns - 1) break;
    fitted += character;
  }
  return columns < 1 ? '' : `${fitted}…`;
}

export function padColumns(
  text: string,
  columns: number,
  side: 'left' | 'right' | 'centre' = 'left',
): string {
  const fitted = fitColumns(text, columns);
  const room = columns - displayWidth(fitted);
  const before = side === 'left' ? 0 : side === 'right' ? room : Math.floor(room / 2);
  return `${' '.repeat(before)}${fitted}${' '.repeat(room - before)}`;
}

export function wrapColumns(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of printable(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(/ +/)) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (displayWidth(longer) <= columns) {
        line = longer;
      } else {
        if (line !== '') lines.push(line);
        line = fitColumns(word, columns);
      }
    }
    lines.push(line);
  }
  return lines;
}

/** Without control characters: a label must not be able to move the cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Control}/gu, (character) => (character === '\n' ? '\n' : ' '));
}

/** Accents that are readable on black and on white. */
const ANSI: Record<Colour, number> = {
  paper: 7,
  ink: 7,
  muted: 244,
  grid: 240,
  rule: 244,
  blue: 32,
  vermilion: 166,
  green: 35,
  purple: 169,
  orange: 172,
  sky: 74,
  onAccent: 7,
};

/** Wraps text in the escape sequence of a colour. Ink stays the terminal's own colour. */
export function paint(text: string, colour: Colour, mode: Required<TerminalOptions>['colour']): string {
  if (mode === 'none' || colour === 'ink' || text.trim() === '') return text;
  if (mode === 'ansi256') return `\u001b[38;5;${ANSI[colour]}m${text}\u001b[39m`;
  const hex = themeColours('dark')[colour];
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `\u001b[38;2;${red};${green};${blue}m${text}\u001b[39m`;
}
