import { tickCount } from './_axes.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import { type AxisModel, LABEL_SIZE, type Layer, TICK_SIZE } from './_chart-model.js';
import { checkFigureOptions } from './_options.js';
import { extent } from './_series.js';
import { fitText, measureText } from './_text.js';
import { SERIES_COLOURS } from './_theme.js';
import { formatDecimal, formatQuantity, linearTicks } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** An estimate and how far it may be off. */
export interface EstimatedInterval {
  readonly name: string;
  readonly mean: number;
  /** `lower <= mean <= upper`, such as the ends of a 95 % interval. */
  readonly lower: number;
  readonly upper: number;
}

export interface IntervalPlotOptions extends FigureOptions {
  /** From top to bottom. */
  readonly intervals: readonly EstimatedInterval[];
  /** What the values are, with their unit: the axis title. */
  readonly quantity: string;
  /** An upright line to compare with. Default 0. */
  readonly reference?: number;
}

const ROW = 30;

/**
 * Estimates with their intervals on one axis, one below the other, and a line to compare them with: whatever interval holds the line
 * tells no difference.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function intervalPlot(options: IntervalPlotOptions): Figure {
  checkFigureOptions('intervalPlot', options, ['intervals', 'quantity', 'reference']);
  const { title = 'Estimates', subtitle, note, width = 720, quantity, reference = 0 } = options;
  const intervals = checkIntervals(options.intervals);
  const values = intervals.flatMap(({ lower, upper }) => [lower, upper]);
  const room = chartWidth(width);
  const names = intervals.map(({ name }) => fitText(name, room * 0.35, TICK_SIZE));
  const [low, high] = extent([...values, reference]);
  // Three digits of the whole width, the same for all, so that they compare at a glance.
  const decimals = 2 - Math.floor(Math.log10(high - low));
  const format = (value: number) =>
    decimals >= 0 && decimals <= 6 ? formatDecimal(value, decimals) : formatQuantity(value);
  const said = intervals.map(
    ({ mean, lower, upper }) => `${format(mean)} (${format(lower)} to ${format(upper)})`,
  );
  const left = Math.max(...names.map((name) => measureText(name, TICK_SIZE)));
  const wanted = Math.max(...said.map((text) => measureText(text, LABEL_SIZE))) + 12;
  // Where the numbers would leave less than half of the width to the picture, they stand in the description alone.
  const narrow = left + wanted > room / 2;
  const rightMargin = narrow ? 16 : Math.ceil(wanted);
  const plotWidth = room - rightMargin - left - 10;
  const x: AxisModel = {
    title: fitText(quantity, plotWidth, LABEL_SIZE),
    scale: 'linear',
    ...linearTicks(low, high, { count: tickCount(plotWidth, 6) }),
    grid: true,
  };
  const height = ROW * intervals.length;
  const layers: Layer[] = [{ kind: 'rule', at: { x: reference }, colour: 'ink', dash: [4, 3] }];
  const ticks = intervals.map(({ mean, lower, upper }, index) => {
    const y = height - ROW * (index + 0.5);
    const colour = SERIES_COLOURS[index % SERIES_COLOURS.length]!;
    layers.push({ kind: 'segment', from: { x: lower, y }, to: { x: upper, y }, colour, width: 2.5 });
    layers.push({ kind: 'dots', name: names[index]!, colour, radius: 4.5, points: [{ x: mean, y }] });
    if (!narrow) layers.push({ kind: 'text', text: said[index]!, colour: 'ink', x: x.domain[1], y, dx: 8 });
    return { value: y, label: names[index]! };
  });
  const y: AxisModel = { title: '', scale: 'linear', domain: [0, height], ticks, grid: false };
  const lines = intervals.map(({ name }, index) => `${name}: ${said[index]}`);
  return chartFigure(
    { title, subtitle, note, width, description: `${quantity}: ${lines.join('; ')}` },
    {
      panels: [{ x, y, layers, height }],
      legend: lines.map((text, index) => ({
        glyph: 'dot',
        colour: SERIES_COLOURS[index % SERIES_COLOURS.length]!,
        text,
      })),
      rightMargin,
    },
    (other) => intervalPlot({ ...options, width: other }),
  );
}

function checkIntervals(intervals: unknown): readonly EstimatedInterval[] {
  if (!Array.isArray(intervals) || intervals.length === 0) {
    throw new VizError('NO_DATA', 'intervalPlot: intervals is empty; expected at least one.');
  }
  for (const [index, one] of intervals.entries()) {
    const { name, mean, lower, upper } = (one ?? {}) as Partial<EstimatedInterval>;
    const ordered = [lower, mean, upper].every(Number.isFinite) && lower! <= mean! && mean! <= upper!;
    if (typeof name !== 'string' || !ordered) {
      throw new VizError(
        'INVALID_DATA',
        `intervalPlot: intervals[${index}] is ${JSON.stringify(one)}; ` +
          'expected { name, mean, lower, upper } with finite lower <= mean <= upper.',
      );
    }
  }
  return intervals;
}
