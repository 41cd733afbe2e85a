import { integer, oneOf } from '@mnist/kit';
import { drawCellsInTerminal } from './_cells-terminal.js';
import { chartWidth } from './_chart-figure.js';
import { drawCells, type ImageCell, type Ink, layoutCells } from './_image-cells.js';
import { checkImages, type ImageArray, type Normalise, readImages } from './_images.js';
import { makeFigure } from './_make-figure.js';
import { check, checkFigureOptions } from './_options.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

export interface ImageGridOptions extends FigureOptions {
  /** [count, height, width] or [count, height, width, 1], 1 to 2,500 images. */
  readonly images: ImageArray;
  /** One an image; a list gives several lines, the first of them bold. Long lines wrap to two, then end with an ellipsis. */
  readonly captions?: readonly (string | number | readonly string[])[];
  /** Images in a row. Default: as many as fit, evenly. Where captions would have to break inside words, the greatest divisor that fits. */
  readonly columns?: number;
  /** CSS pixels for each pixel of an image, a whole number; less where the row would not fit. Default: images of about 64 to 112 CSS pixels. */
  readonly zoom?: number;
  /** Default: `none` for 8-bit images (0 to 255), `image` for float ones (each from its least to its greatest value). */
  readonly normalise?: Normalise;
  /** `dark`: high values are dark, as ink on paper. `light`: as stored. Default `auto`: dark in a light theme, light in a dark one. */
  readonly ink?: Ink;
}

const MOST = 2500;

/**
 * Images in rows, each pixel a sharp square, with captions below. A pixel that is NaN or infinite shows in vermilion.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function imageGrid(options: ImageGridOptions): Figure {
  checkFigureOptions('imageGrid', options, ['images', 'captions', 'columns', 'zoom', 'normalise', 'ink']);
  const { images, captions, columns, zoom, normalise, ink = 'auto' } = options;
  const { title = 'Images', subtitle, note, width = 720 } = options;
  checkImages('imageGrid', images);
  const count = images.shape[0]!;
  if (count === 0 || count > MOST) {
    throw new VizError(
      'NO_DATA',
      `imageGrid: images has ${count} images; expected 1 to ${MOST}. Take a part of them.`,
    );
  }
  if (columns !== undefined) check.require('imageGrid', 'columns', columns, integer({ min: 1, max: 200 }));
  if (zoom !== undefined) check.require('imageGrid', 'zoom', zoom, integer({ min: 1, max: 64 }));
  check.require('imageGrid', 'ink', ink, oneOf('auto', 'dark', 'light'));
  if (normalise !== undefined)
    check.require('imageGrid', 'normalise', normalise, oneOf('none', 'image', 'batch'));
  if (captions !== undefined && captions.length !== count) {
    throw new VizError(
      'INVALID_DATA',
      `imageGrid: ${captions.length} captions for ${count} images; expected as many of each.`,
    );
  }
  const pixels = readImages(
    images,
    Array.from({ length: count }, (_, index) => index),
    normalise,
  );
  const cells = pixels.map((image, index): ImageCell => {
    const caption = captions?.[index];
    const lines = caption === undefined ? [] : Array.isArray(caption) ? caption : [String(caption)];
    return {
      image,
      caption: lines.map((text, line) => ({
        text: String(text),
        colour: line === 0 ? 'ink' : 'muted',
        bold: line === 0 && lines.length > 1,
        lines: 2,
      })),
    };
  });
  const layout = layoutCells(cells, chartWidth(width), { columns, zoom, ink });
  const description = `${count} images of ${images.shape[2]} x ${images.shape[1]} pixels.`;
  return makeFigure({
    text: { title, subtitle, note, width, description },
    resize: (other) => imageGrid({ ...options, width: other }),
    drawBody: (theme) => drawCells(cells, layout, theme),
    drawTerminal: (terminal) => drawCellsInTerminal(cells, ink, terminal),
  });
}
