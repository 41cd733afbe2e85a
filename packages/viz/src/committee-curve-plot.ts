import { integer } from '@mnist/kit';
import { accuracyAxis } from './_axes.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import type { AxisModel, Layer } from './_chart-model.js';
import { nameLines } from './_end-labels.js';
import { check, checkFigureOptions } from './_options.js';
import { extent, noteGaps, requireFinite } from './_series.js';
import { formatPercent, logTicks } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** What committees of one size achieve. Accuracies are 0 to 1. Has the shape of `@mnist/ensemble`'s curve points. */
export interface CommitteeSizePoint {
  /** Nets in a committee, 1 or more. */
  readonly size: number;
  readonly mean: number;
  /** Ends of the band: quantiles of the committees' accuracies. */
  readonly lower?: number;
  readonly upper?: number;
  /** Committees behind the mean. */
  readonly trials?: number;
}

export interface CommitteeCurvePlotOptions extends FigureOptions {
  /** In any order of size. */
  readonly points: readonly CommitteeSizePoint[];
  /** Test images behind each accuracy; named on the axis. */
  readonly count?: number;
  /** Share of the committees inside the band, for the note: 0.95 where `lower` and `upper` are those quantiles. */
  readonly confidence?: number;
  /** Horizontal lines to compare with, accuracy 0 to 1 by name: `{ 'Doucet 2019': 0.9982 }`. */
  readonly references?: Readonly<Record<string, number>>;
}

/**
 * Accuracy against committee size, with the band of random committees. The size axis is logarithmic, since each further
 * net changes the vote by less.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function committeeCurvePlot(options: CommitteeCurvePlotOptions): Figure {
  checkFigureOptions('committeeCurvePlot', options, ['points', 'count', 'confidence', 'references']);
  const { count, confidence, references = {} } = options;
  const { title = 'Accuracy by committee size', subtitle, width = 720 } = options;
  if (!Array.isArray(options.points) || options.points.length === 0) {
    throw new VizError('NO_DATA', 'committeeCurvePlot: points is empty; expected one point for each size.');
  }
  options.points.forEach((point, index) => {
    check.require('committeeCurvePlot', `points[${index}].size`, point?.size, integer({ min: 1, max: 1e9 }));
  });
  const points = [...options.points].sort((a, b) => a.size - b.size);
  const means = requireFinite(
    'committeeCurvePlot: mean',
    points.map(({ mean }) => mean),
  );
  const bands = points.flatMap(({ lower = Number.NaN, upper = Number.NaN }) => [lower, upper]);
  const lines = Object.entries(references);
  const accuracies = [...means, ...bands, ...lines.map(([, value]) => value)].filter(Number.isFinite);
  const y = accuracyAxis(
    accuracies.map((accuracy) => accuracy * 100),
    count,
  );
  const x = sizeAxis(points.map(({ size }) => size));
  const height = 300;
  const line = points.map(({ size, mean }) => ({ x: size, y: mean * 100 }));
  const best = points.findLast(({ mean }) => Number.isFinite(mean))!;
  const ends = [
    {
      text: `${best.size.toLocaleString('en-US')} ${best.size === 1 ? 'net' : 'nets'} ${formatPercent(best.mean)}`,
      colour: 'blue' as const,
      x: x.domain[1],
      y: best.mean * 100,
    },
    ...lines.map(([name, value]) => ({
      text: `${name} ${formatPercent(value)}`,
      colour: 'muted' as const,
      rule: true,
      x: x.domain[1],
      y: value * 100,
    })),
  ];
  const names = nameLines(ends, y, chartWidth(width), height);
  const layers: Layer[] = [
    {
      kind: 'band',
      name: confidence === undefined ? 'spread' : `middle ${formatPercent(confidence, 0)}`,
      colour: 'blue',
      opacity: 0.16,
      inTerminal: true,
      points: points.map(({ size, lower = Number.NaN, upper = Number.NaN }) => ({
        x: size,
        low: lower * 100,
        high: upper * 100,
      })),
    },
    ...lines.map(
      ([, value]): Layer => ({ kind: 'rule', at: { y: value * 100 }, colour: 'rule', dash: [4, 3] }),
    ),
    { kind: 'line', name: 'mean', points: line, colour: 'blue', width: 2 },
    { kind: 'dots', points: line, colour: 'blue', radius: 2.8 },
    ...names.layers,
  ];
  const share = confidence === undefined ? 'the band' : `the middle ${formatPercent(confidence, 0)}`;
  const band = bands.some(Number.isFinite)
    ? `Dots: mean of random committees; band: ${share === 'the band' ? 'their spread' : `${share} of them`}.`
    : undefined;
  return chartFigure(
    {
      title,
      subtitle,
      note: noteGaps(
        [options.note, band].filter(Boolean).join(' ') || undefined,
        points.length - means.length,
        ['size', 'sizes'],
      ),
      width,
      description: `Mean accuracy rises from ${formatPercent(means[0]!)} with ${points[0]!.size} to ${formatPercent(best.mean)} with ${best.size} nets.`,
    },
    {
      panels: [{ x, y, layers, height }],
      legend: [
        { glyph: 'dot', colour: 'blue', text: `mean, ${ends[0]!.text}` },
        ...(band === undefined ? [] : [{ glyph: 'band', colour: 'rule', text: 'spread' } as const]),
        ...ends.slice(1).map(({ text }) => ({ glyph: 'rule', colour: 'rule', text }) as const),
      ],
      rightMargin: names.rightMargin,
      key: names.key,
    },
    (other) => committeeCurvePlot({ ...options, width: other }),
  );
}

function sizeAxis(sizes: readonly number[]): AxisModel {
  const [low, high] = extent(sizes);
  const { domain, ticks } = logTicks(low, high);
  // Halves of a net do not exist.
  const whole = ticks.filter(({ value }) => Number.isInteger(value));
  const labels = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  return {
    title: 'Nets in the committee (log)',
    scale: 'log',
    domain,
    ticks: whole.map(({ value, label }) => ({
      value,
      label: labels.includes(value) ? String(value) : value > 1000 || low === high ? label : '',
    })),
    grid: false,
  };
}
