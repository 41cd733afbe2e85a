import type { ImageCell, Ink } from './_image-cells.js';
import type { GreyImage } from './_images.js';
import { padColumns, paint, printable, toAscii } from './_terminal-text.js';
import type { TerminalOptions } from './figure.js';

const SHADES_ASCII = ' .:-=+*#%@';
const SHADES = ' ░▒▓█';
const GAP = 2;

/** Images side by side: half blocks in colour (two pixels a cell), else shades. Larger images than the terminal are averaged down. */
export function drawCellsInTerminal(
  cells: readonly ImageCell[],
  ink: Ink,
  options: Required<TerminalOptions>,
): string[] {
  const full = cells[0]!.image;
  const shrink = Math.ceil(full.width / Math.min(options.columns, 28));
  const images = cells.map(({ image }) => shrinkImage(image, shrink));
  const width = images[0]!.width;
  const columns = Math.max(1, Math.floor((options.columns + GAP) / (width + GAP)));
  const label = (text: string) => printable(options.characters === 'ascii' ? toAscii(text) : text);
  const lines: string[] = [];
  for (let start = 0; start < cells.length; start += columns) {
    const pictures = images.slice(start, start + columns).map((image) => pictureLines(image, ink, options));
    for (let line = 0; line < pictures[0]!.length; line++) {
      lines.push(
        pictures
          .map((picture) => picture[line])
          .join(' '.repeat(GAP))
          .trimEnd(),
      );
    }
    const captions = cells.slice(start, start + columns).map(({ caption }) => caption);
    for (let line = 0; line < Math.max(...captions.map(({ length }) => length)); line++) {
      const row = captions.map((caption) => {
        const entry = caption[line];
        if (entry === undefined) return ' '.repeat(width);
        return paint(padColumns(label(entry.text), width), entry.colour, options.colour);
      });
      lines.push(row.join(' '.repeat(GAP)).trimEnd());
    }
    if (start + columns < cells.length) lines.push('');
  }
  return lines;
}

function pictureLines(
  image: GreyImage,
  ink: Ink,
  { colour, characters }: Required<TerminalOptions>,
): string[] {
  const { width, height, ink: amounts, invalid } = image;
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) {
      const upper = y * width + x;
      const lower = y + 1 < height ? upper + width : undefined;
      const high = amounts[upper]!;
      const low = lower === undefined ? 0 : amounts[lower]!;
      const wrong = invalid?.[upper] === 1 || (lower !== undefined && invalid?.[lower] === 1);
      if (wrong) {
        line += paint('?', 'vermilion', colour);
      } else if (colour === 'none' || characters === 'ascii') {
        const shades = characters === 'ascii' ? SHADES_ASCII : SHADES;
        line += shades[Math.round((((high + low) / 2) * (shades.length - 1)) / 255)];
      } else {
        line += halfBlock(ink === 'dark' ? 255 - high : high, ink === 'dark' ? 255 - low : low, colour);
      }
    }
    lines.push(colour === 'none' || characters === 'ascii' ? line : `${line}\u001b[0m`);
  }
  return lines;
}

/** The upper pixel as foreground of `▀`, the lower as its background. */
function halfBlock(upper: number, lower: number, colour: 'ansi256' | 'truecolour'): string {
  if (colour === 'truecolour') {
    return `\u001b[38;2;${upper};${upper};${upper};48;2;${lower};${lower};${lower}m▀`;
  }
  return `\u001b[38;5;${ansiGrey(upper)};48;5;${ansiGrey(lower)}m▀`;
}

/** The nearest of the 24 greys 232 to 255 of the 256-colour palette, with its own black and white. */
function ansiGrey(value: number): number {
  if (value < 4) return 16;
  if (value > 246) return 231;
  return 232 + Math.min(23, Math.round((value - 8) / 10));
}

/** Means of blocks of `factor` x `factor` pixels. */
function shrinkImage(image: GreyImage, factor: number): GreyImage {
  if (factor <= 1) return image;
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  const ink = new Uint8Array(width * height);
  const invalid = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, count] = [0, 0];
      for (let row = y * factor; row < Math.min((y + 1) * factor, image.height); row++) {
        for (let column = x * factor; column < Math.min((x + 1) * factor, image.width); column++) {
          const pixel = row * image.width + column;
          sum += image.ink[pixel]!;
          count++;
          if (image.invalid?.[pixel]) invalid[y * width + x] = 1;
        }
      }
      ink[y * width + x] = Math.round(sum / count);
    }
  }
  return image.invalid === undefined ? { width, height, ink } : { width, height, ink, invalid };
}
