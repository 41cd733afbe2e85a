import type { Figure } from './figure.js';

/** A figure that Vega draws. */
export interface ChartFigure extends Figure {
  resize(width: number): ChartFigure;
  /** Vega-Lite 6 specifications, one a panel from top to bottom, for a notebook or the Vega editor. Plain JSON. */
  toVegaLite(): Record<string, unknown>[];
}
