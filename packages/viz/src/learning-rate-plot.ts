import { number, oneOf } from '@mnist/kit';
import { stepAxis } from './_axes.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import { type AxisModel, LABEL_SIZE, type Layer, type Panel } from './_chart-model.js';
import { nameLines } from './_end-labels.js';
import { check, checkFigureOptions } from './_options.js';
import { extent, type NumberList, noteGaps, readPoints, requireFinite } from './_series.js';
import { measureText } from './_text.js';
import { formatQuantity, linearTicks, logTicks, tickFormat } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';

export interface LearningRatePlotOptions extends FigureOptions {
  /** The learning rate of each step, as recorded. */
  readonly learningRate: NumberList;
  /** A second panel below: Adam's beta1, or the momentum of SGD. As many as `learningRate`. */
  readonly momentum?: NumberList;
  /** Ascending; as many as `learningRate`. Default 0, 1, 2, ... */
  readonly step?: NumberList;
  /** With it, the x axis counts epochs. Steps, above 0. */
  readonly stepsPerEpoch?: number;
  /** Of the learning rate. Default `log`. */
  readonly scale?: 'log' | 'linear';
}

/**
 * The learning rate, and the momentum below it, as they were step by step.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function learningRatePlot(options: LearningRatePlotOptions): Figure {
  checkFigureOptions('learningRatePlot', options, [
    'learningRate',
    'momentum',
    'step',
    'stepsPerEpoch',
    'scale',
  ]);
  const { learningRate, momentum, stepsPerEpoch, scale = 'log' } = options;
  const { title = 'Learning rate', subtitle, width = 720 } = options;
  check.require('learningRatePlot', 'scale', scale, oneOf('log', 'linear'));
  if (stepsPerEpoch !== undefined)
    check.require('learningRatePlot', 'stepsPerEpoch', stepsPerEpoch, number({ min: 1e-9, max: 1e12 }));
  const step = options.step ?? Array.from({ length: learningRate?.length ?? 0 }, (_, index) => index);
  const read = (name: string, values: NumberList) =>
    readPoints('learningRatePlot', 'step', step, name, values).map(({ x, y }) => ({
      x: x / (stepsPerEpoch ?? 1),
      y,
    }));
  const rates = read('learningRate', learningRate);
  const positive = scale === 'log';
  const finite = requireFinite(
    'learningRatePlot: learningRate',
    rates.map(({ y }) => y),
    positive,
  );
  const [low, high] = extent(finite);
  const x = stepAxis(
    rates.map((point) => point.x),
    stepsPerEpoch !== undefined,
    chartWidth(width),
  );
  const y: AxisModel = {
    title: 'Learning rate',
    scale,
    ...(positive ? logTicks(low, high) : linearTicks(Math.min(0, low), high, { format: tickFormat(high) })),
    grid: true,
  };
  const panels: Panel[] = [linePanel(x, y, rates, 'blue', momentum === undefined ? 260 : 190)];
  let gaps = rates.length - finite.length;
  const labels = [panels[0]!.layers];
  if (momentum !== undefined) {
    const points = read('momentum', momentum);
    const values = requireFinite(
      'learningRatePlot: momentum',
      points.map((point) => point.y),
    );
    gaps += points.length - values.length;
    const range = linearTicks(...extent(values), { count: 3 });
    const axis: AxisModel = { title: 'Momentum', scale: 'linear', ...range, grid: true };
    panels[0] = { ...panels[0]!, x: { ...x, title: '' } };
    panels.push(linePanel(x, axis, points, 'vermilion', 90));
    labels.push(panels[1]!.layers);
  }
  const ends = labels.flat().flatMap((layer) => (layer.kind === 'text' ? [layer.text] : []));
  return chartFigure(
    {
      title,
      subtitle,
      note: noteGaps(options.note, gaps, ['value', 'values']),
      width,
      description: `The learning rate lies between ${formatQuantity(low)} and ${formatQuantity(high)}.`,
    },
    {
      panels,
      legend: [
        { glyph: 'line', colour: 'blue', text: `learning rate, last ${ends[0]}` },
        ...(momentum === undefined
          ? []
          : [{ glyph: 'line', colour: 'vermilion', text: `momentum, last ${ends[1]}` } as const]),
      ],
      rightMargin: Math.ceil(Math.max(16, ...ends.map((text) => measureText(text, LABEL_SIZE, 600) + 12))),
    },
    (other) => learningRatePlot({ ...options, width: other }),
  );
}

/** One line with its last value written at its end. */
function linePanel(
  x: AxisModel,
  y: AxisModel,
  points: readonly { x: number; y: number }[],
  colour: 'blue' | 'vermilion',
  height: number,
): Panel {
  const last = points.findLast((point) => Number.isFinite(point.y) && (y.scale === 'linear' || point.y > 0))!;
  const line: Layer = { kind: 'line', name: y.title.toLowerCase(), points: thin(points), colour, width: 2 };
  const label = { text: formatQuantity(last.y), colour, x: last.x, y: last.y };
  return { x, y, height, layers: [line, ...nameLines([label], y, 1000, height).layers] };
}

/** At most about 1,500 points, always with both ends and every change from finite to gap. */
function thin<Point extends { y: number }>(points: readonly Point[]): Point[] {
  const every = Math.ceil(points.length / 1500);
  return points.filter(
    ({ y }, index) =>
      index % every === 0 ||
      index === points.length - 1 ||
      Number.isFinite(y) !== Number.isFinite(points[index - 1]!.y) ||
      Number.isFinite(y) !== Number.isFinite(points[index + 1]!.y),
  );
}
