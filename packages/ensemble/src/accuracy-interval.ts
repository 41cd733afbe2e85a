import { integer, number, oneOf } from '@mnist/kit';
import { betaQuantile, twoSidedNormalQuantile } from './_special-functions.js';
import { check } from './ensemble-error.js';

/** A confidence interval of an accuracy. Both ends are within 0 to 1. */
export interface AccuracyInterval {
  readonly lower: number;
  readonly upper: number;
  /** For example 0.95. */
  readonly confidence: number;
  readonly method: IntervalMethod;
}

/** `wilson`: the score interval (Wilson 1927). `clopperPearson`: exact, conservative (Clopper and Pearson 1934). */
export type IntervalMethod = 'wilson' | 'clopperPearson';

/** Of an interval: above 0, below 1. */
export const confidenceCheck = number({ above: 0, below: 1 });

export interface AccuracyIntervalOptions {
  /** Default 0.95. */
  readonly confidence?: number;
  /** Default `wilson`. */
  readonly method?: IntervalMethod;
}

/**
 * What the number of right answers on a sample says about the accuracy on all images of the kind: the two-sided
 * binomial interval, without continuity correction.
 *
 * @param correct right answers, 0 to `count`; Wilson's formula also takes fractions (a mean over trials)
 * @param count images, at least 1
 */
export function accuracyInterval(
  correct: number,
  count: number,
  options: AccuracyIntervalOptions = {},
): AccuracyInterval {
  const where = 'accuracyInterval';
  const { confidence, method } = check.complete<Required<AccuracyIntervalOptions>>(
    where,
    options,
    { confidence: 0.95, method: 'wilson' },
    { confidence: confidenceCheck, method: oneOf('wilson', 'clopperPearson') },
  );
  check.require(where, 'count', count, integer({ min: 1 }));
  check.require(where, 'correct', correct, number({ min: 0, max: count }));
  if (method === 'wilson') {
    const z = twoSidedNormalQuantile(confidence);
    const share = correct / count;
    const scale = 1 + (z * z) / count;
    const centre = (share + (z * z) / (2 * count)) / scale;
    const half = (z / scale) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
    // At the ends the formula gives 0 and 1 up to rounding.
    return {
      lower: correct === 0 ? 0 : Math.max(0, centre - half),
      upper: correct === count ? 1 : Math.min(1, centre + half),
      confidence,
      method,
    };
  }
  check.require(where, 'correct', correct, integer({ min: 0, max: count }));
  const tail = (1 - confidence) / 2;
  return {
    lower: correct === 0 ? 0 : betaQuantile(tail, correct, count - correct + 1),
    upper: correct === count ? 1 : 1 - betaQuantile(tail, count - correct, correct + 1),
    confidence,
    method,
  };
}
