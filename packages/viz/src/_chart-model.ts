import type { Colour } from './_theme.js';
import type { Tick } from './_ticks.js';

/** A chart as data: what the SVG and the terminal drawing are both made from. */
export interface ChartModel {
  readonly panels: readonly Panel[];
  /** Names the series in the terminal, where there is no room for labels beside the lines. */
  readonly legend: readonly LegendEntry[];
  /** Named above the first plot, where there is no room beside the lines. */
  readonly key?: readonly KeyEntry[];
  /** CSS pixels to the right of the plot, for labels at the ends of lines. Default 16. */
  readonly rightMargin?: number;
}

export interface KeyEntry {
  readonly text: string;
  readonly colour: Colour;
  /** Dashed, as a reference line. */
  readonly rule: boolean;
}

export interface LegendEntry {
  readonly colour: Colour;
  readonly glyph: 'line' | 'dot' | 'band' | 'rule';
  readonly text: string;
}

/** One plot; a chart of several shares the x axis from top to bottom. */
export interface Panel {
  readonly x: AxisModel;
  readonly y: AxisModel;
  readonly layers: readonly Layer[];
  /** Height of the plotting area in CSS pixels. */
  readonly height: number;
}

export interface AxisModel {
  /** With its unit. */
  readonly title: string;
  readonly scale: 'linear' | 'log';
  readonly domain: readonly [low: number, high: number];
  readonly ticks: readonly Tick[];
  readonly grid: boolean;
}

export interface ChartPoint {
  readonly x: number;
  /** NaN breaks a line. */
  readonly y: number;
}

export interface ChartSpan {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** `name` says what the values are, for whoever reads them back from the drawing. */
export type Layer =
  | {
      readonly kind: 'line';
      readonly name?: string;
      readonly points: readonly ChartPoint[];
      readonly colour: Colour;
      readonly width: number;
      readonly dash?: readonly number[];
    }
  | {
      readonly kind: 'band';
      readonly name?: string;
      readonly points: readonly ChartSpan[];
      readonly colour: Colour;
      readonly opacity: number;
      /** Whether its edges are dotted in the terminal too; default false, since a ragged band hides the line there. */
      readonly inTerminal?: boolean;
    }
  | {
      readonly kind: 'dots';
      readonly name?: string;
      readonly points: readonly ChartPoint[];
      readonly colour: Colour;
      readonly radius: number;
      readonly opacity?: number;
    }
  | {
      readonly kind: 'rule';
      readonly at: { readonly x: number } | { readonly y: number };
      readonly colour: Colour;
      readonly dash?: readonly number[];
    }
  /** A straight piece between two points of the plot. */
  | {
      readonly kind: 'segment';
      readonly from: ChartPoint;
      readonly to: ChartPoint;
      readonly colour: Colour;
      readonly width: number;
    }
  | TextLayer;

export interface TextLayer {
  readonly kind: 'text';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: Colour;
  /** CSS pixels from the point; positive y is down. */
  readonly dx?: number;
  readonly dy?: number;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
  /** Which part of the text lies at the point. Default `middle`. */
  readonly baseline?: 'top' | 'middle';
  readonly bold?: boolean;
}

export const TICK_SIZE = 11.5;
export const LABEL_SIZE = 12;

/** Where a value lies on an axis, 0 at the low end and 1 at the high end. */
export function axisPosition(axis: AxisModel, value: number): number {
  const [low, high] = axis.domain;
  if (axis.scale === 'log') return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** Whether a point can be drawn: finite, and positive on a logarithmic axis. */
export function isDrawable(axis: AxisModel, value: number): boolean {
  return Number.isFinite(value) && (axis.scale === 'linear' || value > 0);
}

/** The unbroken stretches of a line. */
export function unbrokenStretches<Point>(
  points: readonly Point[],
  drawable: (point: Point) => boolean,
): Point[][] {
  const stretches: Point[][] = [];
  let open: Point[] | undefined;
  for (const point of points) {
    if (!drawable(point)) {
      open = undefined;
    } else if (open === undefined) {
      open = [point];
      stretches.push(open);
    } else {
      open.push(point);
    }
  }
  return stretches;
}
