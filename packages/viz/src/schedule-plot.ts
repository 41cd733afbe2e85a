import { integer, number, oneOf } from '@mnist/kit';
import { stepAxis } from './_axes.js';
import { chartFigure, chartWidth } from './_chart-figure.js';
import type { AxisModel } from './_chart-model.js';
import { nameLines } from './_end-labels.js';
import { check, checkFigureOptions } from './_options.js';
import { extent, noteGaps, requireFinite } from './_series.js';
import { SERIES_COLOURS } from './_theme.js';
import { linearTicks, logTicks, tickFormat } from './_ticks.js';
import type { Figure, FigureOptions } from './figure.js';
import { VizError } from './viz-error.js';

/** A hyperparameter as a function of the step, beside its name. */
export interface NamedSchedule {
  readonly name: string;
  /** Called with whole steps from 0 to `steps - 1`; a number stands for a constant. */
  readonly value: number | ((step: number) => number);
}

export interface SchedulePlotOptions extends FigureOptions {
  /** One to six. */
  readonly schedules: readonly NamedSchedule[];
  /** Length of the training, 1 to 100,000,000 steps. */
  readonly steps: number;
  /** With it, the x axis counts epochs. Steps, above 0. */
  readonly stepsPerEpoch?: number;
  /** Default `linear`. */
  readonly scale?: 'log' | 'linear';
  /** With its unit. Default `Learning rate`. */
  readonly valueLabel?: string;
}

/**
 * Schedules before they are run, side by side: what each would give at every step.
 *
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`, `NO_DATA`
 */
export function schedulePlot(options: SchedulePlotOptions): Figure {
  checkFigureOptions('schedulePlot', options, ['schedules', 'steps', 'stepsPerEpoch', 'scale', 'valueLabel']);
  const { schedules, steps, stepsPerEpoch, scale = 'linear', valueLabel = 'Learning rate' } = options;
  const { title = 'Schedule', subtitle, width = 720 } = options;
  check.require('schedulePlot', 'scale', scale, oneOf('log', 'linear'));
  check.require('schedulePlot', 'steps', steps, integer({ min: 1, max: 1e8 }));
  if (stepsPerEpoch !== undefined)
    check.require('schedulePlot', 'stepsPerEpoch', stepsPerEpoch, number({ min: 1e-9, max: 1e12 }));
  if (!Array.isArray(schedules) || schedules.length === 0 || schedules.length > SERIES_COLOURS.length) {
    throw new VizError(
      'NO_DATA',
      `schedulePlot: schedules has ${schedules?.length ?? 'no'} entries; expected 1 to 6.`,
    );
  }
  const lines = schedules.map((schedule, index) => ({
    name: schedule.name,
    colour: SERIES_COLOURS[index]!,
    points: samplePoints(schedule, index, steps).map(({ x, y }) => ({ x: x / (stepsPerEpoch ?? 1), y })),
  }));
  const all = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const finite = requireFinite('schedulePlot: the schedules', all, scale === 'log');
  const [low, high] = extent(finite);
  const y: AxisModel = {
    title: valueLabel,
    scale,
    ...(scale === 'log'
      ? logTicks(low, high)
      : linearTicks(Math.min(0, low), high, { format: tickFormat(high) })),
    grid: true,
  };
  const x = stepAxis(
    lines.flatMap(({ points }) => points.map((point) => point.x)),
    stepsPerEpoch !== undefined,
    chartWidth(width),
  );
  const height = 260;
  const ends = lines.map(({ name, colour, points }) => {
    const last = points.findLast((point) => Number.isFinite(point.y) && (scale === 'linear' || point.y > 0));
    return { text: name, colour, x: x.domain[1], y: last?.y ?? y.domain[0] };
  });
  const names = nameLines(ends, y, chartWidth(width), height);
  return chartFigure(
    {
      title,
      subtitle,
      note: noteGaps(options.note, all.length - finite.length, ['value', 'values']),
      width,
      description: `${valueLabel} over ${steps.toLocaleString('en-US')} steps: ${lines.map(({ name }) => name).join(', ')}.`,
    },
    {
      panels: [
        {
          x,
          y,
          height,
          layers: [
            ...lines.map(
              ({ name, points, colour }) => ({ kind: 'line', name, points, colour, width: 2 }) as const,
            ),
            ...names.layers,
          ],
        },
      ],
      legend: lines.map(({ name, colour }) => ({ glyph: 'line', colour, text: name })),
      rightMargin: names.rightMargin,
      key: names.key,
    },
    (other) => schedulePlot({ ...options, width: other }),
  );
}

/** At most 1,000 whole steps, first and last among them. */
function samplePoints(schedule: NamedSchedule, index: number, steps: number): { x: number; y: number }[] {
  const { name, value } = schedule ?? {};
  if (typeof name !== 'string' || (typeof value !== 'number' && typeof value !== 'function')) {
    throw new VizError(
      'INVALID_DATA',
      `schedulePlot: schedules[${index}] is not { name: string, value: number or (step) => number }.`,
    );
  }
  const count = Math.min(steps, 1000);
  return Array.from({ length: count }, (_, sample) => {
    const step = count === 1 ? 0 : Math.round((sample * (steps - 1)) / (count - 1));
    const y = typeof value === 'number' ? value : value(step);
    if (typeof y !== 'number') {
      throw new VizError(
        'INVALID_DATA',
        `schedulePlot: '${name}' gives ${String(y)} at step ${step}; expected a number.`,
      );
    }
    return { x: step, y };
  });
}
