export type { Ink } from './_image-cells.js';
export type { ImageArray, Normalise } from './_images.js';
export type { NumberList } from './_series.js';
export type { AccuracyDotPlotOptions, AccuracyGroup } from './accuracy-dot-plot.js';
export { accuracyDotPlot } from './accuracy-dot-plot.js';
export type { CommitteeBlock, CommitteeMember, ImageViews, ProbabilityArray } from './committee-block.js';
export { contestedImages } from './committee-block.js';
export type { CommitteeCurvePlotOptions, CommitteeSizePoint } from './committee-curve-plot.js';
export { committeeCurvePlot } from './committee-curve-plot.js';
export type { ConfusionMatrixPlotOptions } from './confusion-matrix-plot.js';
export { confusionMatrixPlot } from './confusion-matrix-plot.js';
export type { Figure, FigureOptions, PngOptions, SvgOptions, TerminalOptions, ThemeName } from './figure.js';
export type { HtmlReportOptions } from './html-report.js';
export { htmlReport } from './html-report.js';
export type { ImageGridOptions } from './image-grid.js';
export { imageGrid } from './image-grid.js';
export type { EstimatedInterval, IntervalPlotOptions } from './interval-plot.js';
export { intervalPlot } from './interval-plot.js';
export type { LearningRatePlotOptions } from './learning-rate-plot.js';
export { learningRatePlot } from './learning-rate-plot.js';
export type { LossPlotOptions, LossSeries } from './loss-plot.js';
export { lossPlot } from './loss-plot.js';
export type { LrFindPlotOptions } from './lr-find-plot.js';
export { lrFindPlot } from './lr-find-plot.js';
export type { DrawnMistake, MistakesGridOptions } from './mistakes-grid.js';
export { mistakesGrid } from './mistakes-grid.js';
export type {
  KeyFigure,
  ReportBlock,
  ReportCell,
  ReportColumn,
  ReportSection,
  ReportTable,
} from './report-block.js';
export type { NamedSchedule, SchedulePlotOptions } from './schedule-plot.js';
export { schedulePlot } from './schedule-plot.js';
export type { TerminalContext } from './terminal-options.js';
export { terminalOptions } from './terminal-options.js';
export type { VizErrorCode } from './viz-error.js';
export { VizError } from './viz-error.js';
