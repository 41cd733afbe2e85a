import { number, oneOf } from '@mnist/kit';
import { stepAxis } from './_axes.js';
import { binSteps } from './_bin-steps.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import type { AxisModel, ChartPoint, Layer, LegendEntry } from './_chart-model.js';
import { nameLines } from './_end-labels.js';
import { check, checkFigureOptions } from './_options.js';
import { extent, type NumberList, noteGaps, readPoints, requireFinite } from './_series.js';
import { SERIES_COLOURS } from './_theme.js';
import { formatQuantity, linearTicks, logTicks } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** One run of losses. */
export interface LossSeries {
  /** Written beside the line. */
  readonly name: string;
  /** Ascending; as many as `loss`. Default 0, 1, 2, ... */
  readonly step?: NumberList;
  /** Mean cross-entropy of each batch (or of each validation). NaN leaves a gap. */
  readonly loss: NumberList;
}

export interface LossPlotOptions extends FigureOptions {
  /** One to six. */
  readonly series: readonly LossSeries[];
  /** With it, the x axis counts epochs. Steps, above 0. */
  readonly stepsPerEpoch?: number;
  /** Default `log`: late in training the differences are small. */
  readonly scale?: 'log' | 'linear';
  /** Default `Loss (cross-entropy, nats)`. */
  readonly lossLabel?: string;
}

/**
 * Loss against step. A series of more than 200 values is binned: the line is the mean of each bin, the band holds the
 * middle 80 % of its values. Unlike a moving average, that neither lags nor hides the spread.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function lossPlot(options: LossPlotOptions): Figure {
  checkFigureOptions('lossPlot', options, ['series', 'stepsPerEpoch', 'scale', 'lossLabel']);
  const { series, stepsPerEpoch, scale = 'log', lossLabel = 'Loss (cross-entropy, nats)' } = options;
  const { title = 'Loss during training', subtitle, width = 720 } = options;
  check.require('lossPlot', 'scale', scale, oneOf('log', 'linear'));
  if (stepsPerEpoch !== undefined)
    check.require('lossPlot', 'stepsPerEpoch', stepsPerEpoch, number({ min: 1e-9, max: 1e12 }));
  if (!Array.isArray(series) || series.length === 0 || series.length > SERIES_COLOURS.length) {
    throw new VizError('NO_DATA', `lossPlot: series has ${series?.length ?? 'no'} entries; expected 1 to 6.`);
  }
  const runs = series.map((entry, index) => readRun(entry, `lossPlot: series[${index}]`, stepsPerEpoch));
  const losses = requireFinite(
    'lossPlot: loss',
    runs.flatMap(({ points }) => points.map(({ y }) => y)),
    scale === 'log',
  );
  const gaps = runs.reduce((sum, { points }) => sum + points.length, 0) - losses.length;
  const binned = runs.map(({ points }) => binSteps(points, scale === 'log'));
  const drawn = binned.flatMap(({ line, band }) => [
    ...line.map(({ y }) => y),
    ...band.flatMap(({ low, high }) => [low, high]),
  ]);
  const [low, high] = extent(requireFinite('lossPlot: loss', drawn, scale === 'log'));
  const range = scale === 'log' ? logTicks(low, high) : linearTicks(Math.min(0, low), high);
  const y: AxisModel = { title: lossLabel, scale, ...range, grid: true };
  const x = stepAxis(
    runs.flatMap(({ points }) => points.map((point) => point.x)),
    stepsPerEpoch !== undefined,
    chartWidth(width),
  );
  const height = 300;
  const ends = runs.map(({ name }, index) => {
    const last = binned[index]!.line.findLast(
      (point) => Number.isFinite(point.y) && (scale === 'linear' || point.y > 0),
    );
    const text = last === undefined ? `${name} (no values)` : `${name} ${formatQuantity(last.y)}`;
    return { text, colour: SERIES_COLOURS[index]!, x: x.domain[1], y: last?.y ?? y.domain[0] };
  });
  const names = nameLines(ends, y, chartWidth(width), height);
  const layers: Layer[] = [
    ...binned.map(
      ({ band }, index): Layer => ({
        kind: 'band',
        name: `${runs[index]!.name}, middle 80 %`,
        points: band,
        colour: SERIES_COLOURS[index]!,
        opacity: 0.16,
      }),
    ),
    ...binned.map(
      ({ line }, index): Layer => ({
        kind: 'line',
        name: runs[index]!.name,
        points: line,
        colour: SERIES_COLOURS[index]!,
        width: 2,
      }),
    ),
    ...names.layers,
  ];
  const legend: LegendEntry[] = ends.map(({ text, colour }) => ({ glyph: 'line', text, colour }));
  const widest = Math.max(...binned.map(({ binSize }) => binSize));
  const method = `Line: mean of up to ${widest.toLocaleString('en-US')} steps; band: the middle 80 % of them.`;
  const note = [options.note, widest > 1 ? method : undefined].filter(Boolean).join(' ') || undefined;
  const description = `Loss against ${x.title.toLowerCase()}; at the end ${ends.map(({ text }) => text).join(', ')}.`;
  return chartFigure(
    { title, subtitle, note: noteGaps(note, gaps, ['loss', 'losses']), width, description },
    { panels: [{ x, y, layers, height }], legend, rightMargin: names.rightMargin, key: names.key },
    (other) => lossPlot({ ...options, width: other }),
  );
}

interface Run {
  readonly name: string;
  readonly points: readonly ChartPoint[];
}

function readRun(series: LossSeries, what: string, stepsPerEpoch: number | undefined): Run {
  if (typeof series?.name !== 'string') {
    throw new VizError('INVALID_DATA', `${what} has no name; expected { name, loss, step? }.`);
  }
  const step = series.step ?? Array.from({ length: series.loss?.length ?? 0 }, (_, index) => index);
  const points = readPoints(what, 'step', step, 'loss', series.loss);
  return { name: series.name, points: points.map(({ x, y }) => ({ x: x / (stepsPerEpoch ?? 1), y })) };
}
