import { integer, oneOf } from '@mnist/kit';
import { drawCellsInTerminal } from './_cells-terminal.js';
import { chartWidth } from './_chart-figure.js';
import { type CaptionLine, drawCells, type ImageCell, type Ink, layoutCells } from './_image-cells.js';
import { checkImages, type ImageArray, readImages } from './_images.js';
import { makeFigure } from './_make-figure.js';
import { check, checkFigureOptions } from './_options.js';
import { formatPercent } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** An image that was taken for another class. Has the shape of `@mnist/ensemble`'s `Mistake`. */
export interface DrawnMistake {
  /** Position in `images`. */
  readonly index: number;
  /** The true class. */
  readonly label: number;
  readonly predicted: number;
  /** Probability of the predicted class, 0 to 1. */
  readonly confidence?: number;
  /** How many members chose each class, [classes]. */
  readonly votes?: readonly number[];
}

export interface MistakesGridOptions extends FigureOptions {
  /** The whole test set: [count, height, width] or [count, height, width, 1]. */
  readonly images: ImageArray;
  /** In the order in which to show them. Empty is fine: then the figure says that there are none. */
  readonly mistakes: readonly DrawnMistake[];
  /** By class index. Default: the index itself. */
  readonly classNames?: readonly string[];
  /** Images at most; the subtitle says how many more there are. 1 to 1,000, default 60. */
  readonly limit?: number;
  readonly columns?: number;
  /** `dark`: high values are dark, as ink on paper. `light`: as stored. Default `auto`: dark in a light theme, light in a dark one. */
  readonly ink?: Ink;
}

/**
 * Each mistake with its true class, the prediction, how sure the committee was and how its members voted.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`
 */
export function mistakesGrid(options: MistakesGridOptions): Figure {
  checkFigureOptions('mistakesGrid', options, [
    'images',
    'mistakes',
    'classNames',
    'limit',
    'columns',
    'ink',
  ]);
  const { images, mistakes, classNames, limit = 60, columns, ink = 'auto', note, width = 720 } = options;
  checkImages('mistakesGrid', images);
  check.require('mistakesGrid', 'limit', limit, integer({ min: 1, max: 1000 }));
  if (columns !== undefined) check.require('mistakesGrid', 'columns', columns, integer({ min: 1, max: 200 }));
  check.require('mistakesGrid', 'ink', ink, oneOf('auto', 'dark', 'light'));
  if (!Array.isArray(mistakes)) {
    throw new VizError(
      'INVALID_DATA',
      'mistakesGrid: mistakes is not an array of { index, label, predicted }.',
    );
  }
  const total = images.shape[0]!;
  mistakes.forEach((mistake, position) => {
    check.require(
      'mistakesGrid',
      `mistakes[${position}].index`,
      mistake?.index,
      integer({ min: 0, max: total - 1 }),
    );
    check.require(
      'mistakesGrid',
      `mistakes[${position}].label`,
      mistake.label,
      integer({ min: 0, max: 1e6 }),
    );
    check.require(
      'mistakesGrid',
      `mistakes[${position}].predicted`,
      mistake.predicted,
      integer({ min: 0, max: 1e6 }),
    );
  });
  const shown = mistakes.slice(0, limit);
  const pixels = readImages(
    images,
    shown.map(({ index }) => index),
  );
  const cells = shown.map(
    (mistake, index): ImageCell => ({
      image: pixels[index]!,
      caption: captionOf(mistake, classNames),
    }),
  );
  const {
    title = `${mistakes.length.toLocaleString('en-US')} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`,
  } = options;
  const more =
    mistakes.length > shown.length ? ` The first ${shown.length} of ${mistakes.length} are shown.` : '';
  const voted = shown.some(({ votes }) => votes !== undefined);
  const sure = shown.some(({ confidence }) => confidence !== undefined);
  const key = [
    'label → prediction',
    ...(sure ? ['probability of the prediction'] : []),
    ...(voted ? ['members that chose it'] : []),
    '# position in the data set',
  ].join('; ');
  const reading = shown.length === 0 ? 'Nothing was misclassified.' : `Below each image: ${key}.${more}`;
  const subtitle = options.subtitle === undefined ? reading : `${options.subtitle}\n${reading}`;
  const description = `${mistakes.length} misclassified images of ${total.toLocaleString('en-US')}.`;
  const layout = cells.length === 0 ? undefined : layoutCells(cells, chartWidth(width), { columns, ink });
  return makeFigure({
    text: { title, subtitle, note, width, description },
    resize: (other) => mistakesGrid({ ...options, width: other }),
    drawBody: (theme) =>
      layout === undefined ? { content: '', height: 0 } : drawCells(cells, layout, theme),
    drawTerminal: (terminal) => (cells.length === 0 ? [] : drawCellsInTerminal(cells, ink, terminal)),
  });
}

function captionOf(
  { index, label, predicted, confidence, votes }: DrawnMistake,
  names?: readonly string[],
): CaptionLine[] {
  const name = (index: number) => names?.[index] ?? String(index);
  const lines: CaptionLine[] = [
    { text: `${name(label)} → ${name(predicted)}`, colour: 'ink', bold: true, lines: 2 },
  ];
  if (confidence !== undefined) {
    const share = Number.isFinite(confidence) ? formatPercent(confidence, 1) : 'NaN';
    lines.push({ text: share, colour: 'vermilion' });
  }
  if (votes !== undefined) {
    const members = votes.reduce((sum, count) => sum + count, 0);
    lines.push({ text: `${votes[predicted] ?? 0} of ${members}`, colour: 'muted' });
  }
  lines.push({ text: `#${index}`, colour: 'muted' });
  return lines;
}
