import { chartWidth } from './_chart-figure.js';
import { drawMatrix } from './_draw-matrix.js';
import { makeFigure } from './_make-figure.js';
import { drawMatrixInTerminal } from './_matrix-terminal.js';
import { checkFigureOptions } from './_options.js';
import { formatPercent } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

export interface ConfusionMatrixPlotOptions extends FigureOptions {
  /** `matrix[truth][predicted]`, counts; square, 2 to 62 classes. */
  readonly matrix: readonly ArrayLike<number>[];
  /** By class index. Default: the index itself. */
  readonly classNames?: readonly string[];
}

/**
 * Truth against prediction. A good classifier has nearly everything on the diagonal, so the diagonal stays grey and the colour
 * is for the mistakes: the darker, the more (by the square root of the count, so that single mistakes are seen).
 * The last column is the recall of each class, the last row the precision.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function confusionMatrixPlot(options: ConfusionMatrixPlotOptions): Figure {
  checkFigureOptions('confusionMatrixPlot', options, ['matrix', 'classNames']);
  const { title = 'Confusion matrix', note, width = 720 } = options;
  const matrix = readMatrix(options.matrix);
  const names = options.classNames?.map(String) ?? matrix.map((_, index) => String(index));
  if (names.length !== matrix.length) {
    throw new VizError(
      'INVALID_DATA',
      `confusionMatrixPlot: ${names.length} classNames for ${matrix.length} classes; expected as many of each.`,
    );
  }
  const total = matrix.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) {
    throw new VizError(
      'NO_DATA',
      'confusionMatrixPlot: every count of matrix is 0; there is nothing to draw.',
    );
  }
  const correct = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
  const wrong = (total - correct).toLocaleString('en-US');
  const summary = `${wrong} ${total - correct === 1 ? 'mistake' : 'mistakes'} in ${total.toLocaleString('en-US')} images (${formatPercent(correct / total)} right). Rows: the true class; columns: the prediction.`;
  const subtitle = options.subtitle === undefined ? summary : `${options.subtitle}\n${summary}`;
  return makeFigure({
    text: { title, subtitle, note, width, description: summary },
    resize: (other) => confusionMatrixPlot({ ...options, width: other }),
    drawBody: (theme) => drawMatrix(matrix, names, chartWidth(width), theme),
    drawTerminal: (terminal) => drawMatrixInTerminal(matrix, names, terminal),
  });
}

function readMatrix(matrix: unknown): number[][] {
  const rows = Array.isArray(matrix) ? matrix.map((row) => Array.from(row as ArrayLike<number>)) : [];
  if (rows.length < 2 || rows.length > 62) {
    throw new VizError(
      'INVALID_DATA',
      `confusionMatrixPlot: matrix has ${rows.length} rows; expected 2 to 62.`,
    );
  }
  rows.forEach((row, truth) => {
    if (row.length !== rows.length) {
      throw new VizError(
        'INVALID_DATA',
        `confusionMatrixPlot: matrix[${truth}] has ${row.length} counts; expected ${rows.length}, one a class.`,
      );
    }
    row.forEach((count, predicted) => {
      if (!Number.isInteger(count) || count < 0) {
        throw new VizError(
          'INVALID_DATA',
          `confusionMatrixPlot: matrix[${truth}][${predicted}] is ${String(count)}; expected a count, 0 or more.`,
        );
      }
    });
  });
  return rows;
}
