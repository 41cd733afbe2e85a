import { pngDataUrl } from './_encode-png.js';
import { type FrameBody, round, svgText } from './_frame.js';
import type { GreyImage } from './_images.js';
import { fitText, measureText, wrapText } from './_text.js';
import { type Colour, isDark, type Theme } from './_theme.js';

/** One line below an image. */
export interface CaptionLine {
  readonly text: string;
  readonly colour: Colour;
  readonly bold?: boolean;
  /** Lines that a long text may take; the last ends with an ellipsis. Default 1. */
  readonly lines?: number;
}

/** An image with its caption. */
export interface ImageCell {
  readonly image: GreyImage;
  readonly caption: readonly CaptionLine[];
}

/** `dark`: high values are dark, as ink on paper. `light`: high values are light, as stored. `auto`: dark in a light theme, light in a dark one. */
export type Ink = 'auto' | 'dark' | 'light';

export interface CellLayout {
  readonly columns: number;
  /** CSS pixels for each pixel of an image, a whole number. */
  readonly zoom: number;
  readonly ink: Ink;
  readonly width: number;
}

const GAP = 14;
const SIZE = 11.5;
const LINE = 15;

/** Columns and zoom that fill the width: images about 64 CSS pixels wide, larger when there are few. */
export function layoutCells(
  cells: readonly ImageCell[],
  width: number,
  wish: { columns?: number; zoom?: number; ink: Ink },
): CellLayout {
  const size = cells[0]!.image.width;
  const caption = Math.min(
    110,
    Math.max(0, ...cells.flatMap(({ caption: lines }) => lines.map(captionWidth))),
  );
  const usual = wish.zoom ?? Math.max(1, Math.round(64 / size));
  const fits = Math.max(1, Math.floor((width + GAP) / (Math.max(size * usual, caption) + GAP)));
  const columns =
    wish.columns === undefined
      ? Math.min(fits, balanced(cells.length, fits))
      : fewerColumns(wish.columns, Math.max(size, longestWord(cells)), width);
  const cellWidth = (width + GAP) / columns - GAP;
  const largest = Math.max(1, Math.floor(cellWidth / size));
  const zoom = Math.min(largest, wish.zoom ?? Math.max(usual, Math.min(largest, Math.round(112 / size))));
  return { columns, zoom, ink: wish.ink, width };
}

/** The wish, or the greatest of its divisors that leaves each column enough room: what stood below each other still does. */
function fewerColumns(wish: number, needed: number, width: number): number {
  const most = Math.max(1, Math.floor((width + GAP) / (needed + GAP)));
  let columns = wish;
  while (columns > most || wish % columns !== 0) columns--;
  return columns;
}

/** The width under which a caption would have to break inside a word. */
function longestWord(cells: readonly ImageCell[]): number {
  const words = cells.flatMap(({ caption }) =>
    caption.flatMap((line) => line.text.split(/\s+/).map((text) => captionWidth({ ...line, text }))),
  );
  return Math.min(110, Math.max(0, ...words));
}

/** As few columns as keep the number of rows, so that the last row is nearly full. */
function balanced(count: number, fits: number): number {
  return Math.ceil(count / Math.ceil(count / fits));
}

function captionWidth({ text, bold }: CaptionLine): number {
  return measureText(text, SIZE, bold ? 600 : 400);
}

export function drawCells(cells: readonly ImageCell[], layout: CellLayout, theme: Theme): FrameBody {
  const { columns, zoom, width } = layout;
  const imageWidth = cells[0]!.image.width * zoom;
  const imageHeight = cells[0]!.image.height * zoom;
  const natural = Math.max(imageWidth, ...cells.flatMap(({ caption }) => caption.map(captionWidth)));
  const cellWidth = Math.min((width + GAP) / columns - GAP, Math.max(imageWidth, natural));
  const captions = cells.map(({ caption }) => caption.flatMap((line) => breakCaption(line, cellWidth)));
  const parts: string[] = [];
  let y = 0;
  for (let start = 0; start < cells.length; start += columns) {
    const row = captions.slice(start, start + columns);
    row.forEach((lines, column) => {
      const x = Math.round(column * (cellWidth + GAP));
      parts.push(imageElement(cells[start + column]!.image, x, y, layout, theme));
      lines.forEach(({ text, colour, bold }, line) => {
        const style = { x, y: y + imageHeight + LINE * (line + 1), size: SIZE, colour };
        parts.push(svgText(text, bold ? { ...style, weight: 600 } : style, theme));
      });
    });
    const tallest = Math.max(...row.map((lines) => lines.length));
    y += imageHeight + tallest * LINE + (tallest === 0 ? GAP : GAP + 6);
  }
  return { content: parts.join('\n'), height: y - GAP };
}

function breakCaption(line: CaptionLine, width: number): CaptionLine[] {
  const weight = line.bold ? 600 : 400;
  const lines = wrapText(line.text, width, SIZE, weight);
  const limit = line.lines ?? 1;
  if (lines.length <= limit) return lines.map((text) => ({ ...line, text }));
  const kept = lines.slice(0, limit - 1);
  const rest = fitText(lines.slice(limit - 1).join(' '), width, SIZE, weight);
  return [...kept, rest].map((text) => ({ ...line, text }));
}

/** The image at its own resolution, enlarged without smoothing by whatever shows the SVG. */
function imageElement(
  image: GreyImage,
  x: number,
  y: number,
  { zoom, ink }: CellLayout,
  theme: Theme,
): string {
  const light = ink === 'light' || (ink === 'auto' && isDark(theme));
  // A page with the theme's variables inverts these images in its dark setting; see the report's style sheet.
  const turns = ink === 'auto' ? ' class="viz-ink"' : '';
  const [width, height] = [image.width * zoom, image.height * zoom];
  const place = `x="${x}" y="${round(y)}" width="${width}" height="${height}"`;
  return [
    `<image${turns} ${place} image-rendering="optimizeSpeed" style="image-rendering:pixelated" preserveAspectRatio="none" href="${imageDataUrl(image, light)}"/>`,
    `<rect x="${x - 0.5}" y="${round(y) - 0.5}" width="${width + 1}" height="${height + 1}" fill="none" stroke="${theme.grid}"/>`,
  ].join('');
}

/** Pixels that are not numbers show in vermilion, which no grey image has. */
export function imageDataUrl({ ink: amounts, invalid, width, height }: GreyImage, light: boolean): string {
  const grey = light ? amounts : amounts.map((amount) => 255 - amount);
  if (invalid === undefined) return pngDataUrl(grey, width, height, 1);
  const colours = new Uint8Array(3 * grey.length);
  grey.forEach((value, pixel) => {
    colours.set(invalid[pixel] ? [0xd5, 0x5e, 0x00] : [value, value, value], 3 * pixel);
  });
  return pngDataUrl(colours, width, height, 3);
}
