import type { ChartPoint, ChartSpan } from './_chart-model.js';

export interface BinnedSeries {
  readonly line: readonly ChartPoint[];
  /** Empty where every value is drawn itself. */
  readonly band: readonly ChartSpan[];
  readonly binSize: number;
}

const BINS = 150;

/** Means and 10 to 90 % quantiles of at most 150 bins; up to 200 points stay as they are. A bin without values is a gap. */
export function binSteps(points: readonly ChartPoint[], positiveOnly: boolean): BinnedSeries {
  if (points.length <= 200) return { line: points, band: [], binSize: 1 };
  const binSize = Math.ceil(points.length / BINS);
  const line: ChartPoint[] = [];
  const band: ChartSpan[] = [];
  for (let start = 0; start < points.length; start += binSize) {
    const bin = points.slice(start, start + binSize);
    const x = bin.reduce((sum, point) => sum + point.x, 0) / bin.length;
    const values = bin
      .map(({ y }) => y)
      .filter((y) => Number.isFinite(y) && (!positiveOnly || y > 0))
      .sort((a, b) => a - b);
    const mean = values.length === 0 ? Number.NaN : values.reduce((sum, y) => sum + y, 0) / values.length;
    line.push({ x, y: mean });
    band.push({ x, low: quantile(values, 0.1), high: quantile(values, 0.9) });
  }
  return { line, band, binSize };
}

function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}
