export type { ChartFigure } from './chart-figure.js';
export type { Figure, FigureOptions, PngOptions, SvgOptions, TerminalOptions, ThemeName } from './figure.js';
export { type LossPlotOptions, type LossSeries, lossPlot } from './loss-plot.js';
export type { VizErrorCode } from './viz-error.js';
export { VizError } from './viz-error.js';
