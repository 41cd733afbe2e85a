import { accuracyAxis, tickCount } from './_axes.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import { type AxisModel, axisPosition, LABEL_SIZE, type Layer, TICK_SIZE } from './_chart-model.js';
import { checkFigureOptions } from './_options.js';
import { type NumberList, noteGaps, readNumbers, requireFinite } from './_series.js';
import { swarmOffsets } from './_swarm.js';
import { fitText, measureText } from './_text.js';
import { SERIES_COLOURS } from './_theme.js';
import { formatDecimal } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** Nets or committees of one kind. */
export interface AccuracyGroup {
  /** `single nets`, `committees of 5`, ... */
  readonly name: string;
  /** 0 to 1, one a net or committee. */
  readonly accuracies: NumberList;
}

export interface AccuracyDotPlotOptions extends FigureOptions {
  /** From top to bottom. */
  readonly groups: readonly AccuracyGroup[];
  /** Test images behind each accuracy; named on the axis. */
  readonly count?: number;
}

const RADIUS = 3.4;

/**
 * Every net and every committee as a dot on one axis, with the mean of each group. Equal accuracies are stacked, so none hides another.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function accuracyDotPlot(options: AccuracyDotPlotOptions): Figure {
  checkFigureOptions('accuracyDotPlot', options, ['groups', 'count']);
  const { title = 'Accuracy of nets and committees', subtitle, width = 720, count } = options;
  if (!Array.isArray(options.groups) || options.groups.length === 0) {
    throw new VizError('NO_DATA', 'accuracyDotPlot: groups is empty; expected at least one group.');
  }
  const groups = options.groups.map((group, index) => {
    if (typeof group?.name !== 'string') {
      throw new VizError(
        'INVALID_DATA',
        `accuracyDotPlot: groups[${index}] has no name; expected { name, accuracies }.`,
      );
    }
    const values = readNumbers(`accuracyDotPlot: groups[${index}].accuracies`, group.accuracies);
    const finite = values.filter(Number.isFinite).map((value) => value * 100);
    return { name: group.name, percent: finite, gaps: values.length - finite.length };
  });
  const all = requireFinite(
    'accuracyDotPlot: accuracies',
    groups.flatMap(({ percent }) => percent),
  );
  const summaries = groups.map(({ percent }) => summarise(percent));
  const room = chartWidth(width);
  const names = groups.map(({ name }) => fitText(name, room * 0.3, TICK_SIZE));
  const left = Math.max(...names.map((name) => measureText(name, TICK_SIZE)));
  const wanted = Math.max(...summaries.map((text) => measureText(text, LABEL_SIZE, 600))) + 12;
  // Where names and means would leave less than half of the width to the dots, they stand above each row.
  const narrow = left + wanted > room / 2;
  const rightMargin = narrow ? 16 : Math.ceil(wanted);
  const plotWidth = room - rightMargin - (narrow ? 22 : left + 10);
  const x = airyAxis(all, count, tickCount(plotWidth, 6));
  const rows = groups.map(({ percent }) => {
    const places = percent.map((value) => axisPosition(x, value) * plotWidth);
    const offsets = swarmOffsets(places, RADIUS * 2 + 0.6);
    const reach = offsets.reduce((most, offset) => Math.max(most, Math.abs(offset) + RADIUS), 10);
    return { offsets, reach };
  });
  const gap = narrow ? LABEL_SIZE + 14 : 10;
  const height = rows.reduce((sum, { reach }) => sum + 2 * reach + gap, 10);
  const layers: Layer[] = [];
  const ticks: { value: number; label: string }[] = [];
  let top = height - gap;
  groups.forEach(({ name, percent }, index) => {
    const { offsets, reach } = rows[index]!;
    const centre = top - reach;
    const colour = SERIES_COLOURS[index % SERIES_COLOURS.length]!;
    const words = { kind: 'text', colour, bold: true } as const;
    if (narrow) {
      const text = fitText(`${name}: ${summaries[index]}`, plotWidth, LABEL_SIZE, 600);
      layers.push({ ...words, text, x: x.domain[0], y: top, dy: -10 });
    } else {
      ticks.push({ value: centre, label: names[index]! });
      layers.push({ ...words, text: summaries[index]!, x: x.domain[1], y: centre, dx: 8 });
    }
    top -= 2 * reach + gap;
    layers.push({
      kind: 'dots',
      name,
      colour,
      radius: RADIUS - 0.4,
      opacity: 0.85,
      points: percent.map((value, dot) => ({ x: value, y: centre + offsets[dot]! })),
    });
    if (percent.length > 1) {
      const at = mean(percent);
      const stroke = { from: { x: at, y: centre - reach - 2 }, to: { x: at, y: centre + reach + 2 } };
      layers.push({ kind: 'segment', ...stroke, colour: 'ink', width: 1.5 });
    }
  });
  const y: AxisModel = { title: '', scale: 'linear', domain: [0, height], ticks, grid: false };
  const gaps = groups.reduce((sum, group) => sum + group.gaps, 0);
  return chartFigure(
    {
      title,
      subtitle,
      note: noteGaps([options.note, 'Upright lines: means.'].filter(Boolean).join(' '), gaps, [
        'accuracy',
        'accuracies',
      ]),
      width,
      description: groups.map(({ name }, index) => `${name}: ${summaries[index]}`).join('; '),
    },
    {
      panels: [{ x, y, layers, height }],
      legend: groups.map(({ name }, index) => ({
        glyph: 'dot',
        colour: SERIES_COLOURS[index % SERIES_COLOURS.length]!,
        text: `${name}: ${summaries[index]}`,
      })),
      rightMargin,
    },
    (other) => accuracyDotPlot({ ...options, width: other }),
  );
}

/** Whole ticks, and a little air beyond the outermost values, so that no dot lies on the edge. */
function airyAxis(percent: readonly number[], count: number | undefined, ticks: number): AxisModel {
  const axis = accuracyAxis(percent, count, ticks);
  const air = (axis.domain[1] - axis.domain[0]) * 0.015;
  return { ...axis, domain: [axis.domain[0] - air, axis.domain[1] + air] };
}

function summarise(percent: readonly number[]): string {
  if (percent.length === 0) return 'none';
  if (percent.length === 1) return `${formatDecimal(percent[0]!, 2)} (n = 1)`;
  return `mean ${formatDecimal(mean(percent), 3)} (n = ${percent.length.toLocaleString('en-US')})`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
