import { number } from '@mnist/kit';
import { check } from './_options.js';

export interface SmoothSeriesOptions {
  /** Entries after which a value's weight has halved. Above 0. */
  readonly halfLife: number;
}

/**
 * Exponential moving average, corrected for its start (as Adam's moments are): the first entry is the first value.
 * Values that are not finite are skipped and repeat the average so far.
 */
export function smoothSeries(values: readonly number[], options: SmoothSeriesOptions): number[] {
  check.refuseUnknown('smoothSeries', options, ['halfLife']);
  check.require('smoothSeries', 'halfLife', options.halfLife, number({ above: 0 }));
  const keep = 0.5 ** (1 / options.halfLife);
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    if (Number.isFinite(value)) {
      sum = keep * sum + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    return weight === 0 ? Number.NaN : sum / weight;
  });
}
