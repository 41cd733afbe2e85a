import { chartFigure, chartWidth } from './_chart-figure.js';
import { type AxisModel, axisPosition, LABEL_SIZE, type Layer, type LegendEntry } from './_chart-model.js';
import { checkFigureOptions } from './_options.js';
import { extent, type NumberList, noteGaps, readPoints, requireFinite } from './_series.js';
import { measureText } from './_text.js';
import type { Colour } from './_theme.js';
import { formatQuantity, logTicks } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

export interface LrFindPlotOptions extends FigureOptions {
  /** Of each step of the sweep, above 0, ascending. */
  readonly learningRate: NumberList;
  /** As many as `learningRate`. */
  readonly loss: NumberList;
  /** As many as `learningRate`. Where given, it is the line and the raw losses are dots. */
  readonly smoothedLoss?: NumberList;
  /** Learning rates to mark, by the name of the strategy that chose each: `{ steepest: 1e-3, valley: 8e-4 }`. At most six. */
  readonly suggestions?: Readonly<Record<string, number>>;
}

const MARKS: readonly Colour[] = ['vermilion', 'green', 'purple', 'orange', 'sky', 'ink'];
const LABEL_ROW = LABEL_SIZE + 5;

/**
 * The learning-rate range test: loss against learning rate, both logarithmic (Smith, "Cyclical Learning Rates for Training
 * Neural Networks", 2017).
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function lrFindPlot(options: LrFindPlotOptions): Figure {
  checkFigureOptions('lrFindPlot', options, ['learningRate', 'loss', 'smoothedLoss', 'suggestions']);
  const { learningRate, loss, smoothedLoss, suggestions = {} } = options;
  const { title = 'Learning-rate range test', subtitle, width = 720 } = options;
  const raw = readPoints('lrFindPlot', 'learningRate', learningRate, 'loss', loss);
  const wrong = raw.findIndex(({ x }) => x <= 0);
  if (wrong >= 0) {
    throw new VizError(
      'INVALID_DATA',
      `lrFindPlot.learningRate[${wrong}] is ${raw[wrong]!.x}; expected a number above 0.`,
    );
  }
  const line =
    smoothedLoss === undefined
      ? raw
      : readPoints('lrFindPlot', 'learningRate', learningRate, 'smoothedLoss', smoothedLoss);
  const losses = [...raw, ...(smoothedLoss === undefined ? [] : line)].map(({ y }) => y);
  const finite = requireFinite('lrFindPlot: loss', losses, true);
  const marks = readSuggestions(suggestions);
  const rates = [...raw.map((point) => point.x), ...marks.map((mark) => mark.rate)];
  const x: AxisModel = {
    title: 'Learning rate (log)',
    scale: 'log',
    ...logTicks(...extent(rates)),
    grid: false,
  };

  const height = 280;
  const rows = placeInRows(marks, x, chartWidth(width) - 80);
  const room = rows.count * LABEL_ROW + (rows.count > 0 ? 8 : 0);
  const [low, high] = extent(finite);
  const ratio = (high === low ? 4 : high / low) ** (height / (height - room));
  const { ticks } = logTicks(low, high);
  const y: AxisModel = {
    title: 'Loss (log)',
    scale: 'log',
    domain: [low, low * ratio],
    ticks,
    grid: true,
  };
  const layers: Layer[] = [];
  for (const { rate, text, colour, row, left } of rows.placed) {
    const top = y.domain[1] * (y.domain[0] / y.domain[1]) ** ((row * LABEL_ROW) / height);
    layers.push(
      {
        kind: 'segment',
        from: { x: rate, y: y.domain[0] },
        to: { x: rate, y: top },
        colour,
        width: 1.5,
      },
      {
        kind: 'text',
        x: rate,
        y: top,
        text,
        colour,
        bold: true,
        baseline: 'top',
        align: left ? 'right' : 'left',
        dx: left ? -5 : 5,
      },
    );
  }
  const lineName = smoothedLoss === undefined ? 'loss' : 'smoothed loss';
  if (smoothedLoss !== undefined) {
    layers.push({
      kind: 'dots',
      name: 'loss of one step',
      points: raw,
      colour: 'rule',
      radius: 1.15,
      opacity: 0.6,
    });
  }
  layers.push({ kind: 'line', name: lineName, points: line, colour: 'blue', width: 2 });
  const legend: LegendEntry[] = [
    { glyph: 'line', colour: 'blue', text: lineName },
    ...marks.map(({ text, colour }): LegendEntry => ({ glyph: 'rule', colour, text })),
  ];
  const method = smoothedLoss === undefined ? undefined : 'Line: smoothed loss; dots: the loss of each step.';
  const note = [options.note, method].filter(Boolean).join(' ') || undefined;
  return chartFigure(
    {
      title,
      subtitle,
      note: noteGaps(note, losses.length - finite.length, ['loss', 'losses']),
      width,
      description:
        `Loss at learning rates from ${formatQuantity(x.domain[0])} to ${formatQuantity(x.domain[1])}. ${marks.map(({ text }) => text).join(', ')}`.trim(),
    },
    { panels: [{ x, y, layers, height }], legend },
    (other) => lrFindPlot({ ...options, width: other }),
  );
}

interface Mark {
  readonly rate: number;
  readonly text: string;
  readonly colour: Colour;
}

function readSuggestions(suggestions: Readonly<Record<string, number>>): Mark[] {
  const entries = Object.entries(suggestions);
  if (entries.length > MARKS.length) {
    throw new VizError('INVALID_OPTION', `lrFindPlot: ${entries.length} suggestions; expected at most 6.`);
  }
  return entries.map(([name, rate], index) => {
    if (!Number.isFinite(rate) || rate <= 0) {
      throw new VizError(
        'INVALID_DATA',
        `lrFindPlot: suggestions.${name} is ${String(rate)}; expected a number above 0. Leave out a strategy that found nothing.`,
      );
    }
    return { rate, text: `${name} ${formatQuantity(rate)}`, colour: MARKS[index]! };
  });
}

/**
 * Labels stand in rows, each beside the top of its line. To the right of the lines, the leftmost mark has the top row, so that no line
 * further right reaches up to it; where that does not fit, the mirror image.
 */
function placeInRows(marks: readonly Mark[], axis: AxisModel, plotWidth: number) {
  const sorted = [...marks].sort((a, b) => a.rate - b.rate);
  const left = sorted.some(({ rate, text }) => {
    const at = axisPosition(axis, rate) * plotWidth;
    return at + measureText(text, LABEL_SIZE, 600) + 8 > plotWidth;
  });
  if (left) sorted.reverse();
  return { placed: sorted.map((mark, row) => ({ ...mark, left, row })), count: sorted.length };
}
