import { anything, integer } from '@mnist/kit';
import type { CommitteeVote } from './_committee-score.js';
import { findContested } from './_contested-images.js';
import type { AccuracyInterval } from './accuracy-interval.js';
import type { Labels, Probabilities } from './classifier.js';
import { runTrials, trialChecks, trialDefaults } from './committee-trials.js';
import { check, EnsembleError } from './ensemble-error.js';

export interface CommitteeCurveOptions {
  /** One [count, classes] a trained net, all of the same images. */
  readonly probabilities: readonly Probabilities[];
  /** [count] */
  readonly labels: Labels;
  /** Committee sizes, each 1 to the size of the population. Default: 1, 2, 3, 5, 7, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 250 and the whole population, as far as there are nets. */
  readonly sizes?: readonly number[];
  /** Committees drawn for each size. Default 100. */
  readonly trials?: number;
  /** A whole number from 0. Default 0. */
  readonly seed?: number;
  /** `soft` (default) or `hard`. */
  readonly vote?: CommitteeVote;
  /** Share of the trials that the band holds, and confidence of the interval. Default 0.95. */
  readonly confidence?: number;
}

/** What random committees of one size achieve. Accuracies are 0 to 1. */
export interface CommitteeCurvePoint {
  readonly size: number;
  readonly trials: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Over the trials, n - 1 in the denominator; NaN for a single trial. */
  readonly standardDeviation: number;
  /** The band: quantiles of the trials' accuracies that hold the middle `confidence` of them. */
  readonly lower: number;
  readonly upper: number;
  /** Wilson interval of the mean with n = the number of test images. */
  readonly interval: AccuracyInterval;
}

/** Accuracy as a function of committee size. */
export interface CommitteeCurve {
  readonly population: number;
  readonly count: number;
  readonly seed: number;
  readonly vote: CommitteeVote;
  readonly points: readonly CommitteeCurvePoint[];
}

const DEFAULT_SIZES = [1, 2, 3, 5, 7, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 250];

/**
 * Accuracy as a function of committee size, each size by its own random committees. Near the size of the population
 * the committees overlap, so the band narrows by construction; at the full size there is only one committee.
 */
export function committeeCurve(options: CommitteeCurveOptions): CommitteeCurve {
  const where = 'committeeCurve';
  const { trials, seed, vote, confidence } = check.complete<Required<CommitteeCurveOptions>>(
    where,
    options,
    { ...trialDefaults, trials: 100 },
    { ...trialChecks, sizes: anything },
  );
  const images = findContested(options.probabilities, options.labels);
  const sizes = options.sizes ?? [
    ...new Set([...DEFAULT_SIZES.filter((size) => size <= images.members), images.members]),
  ];
  if (sizes.length === 0)
    throw new EnsembleError('NO_DATA', 'sizes is empty; pass at least one committee size.');
  sizes.forEach((size, index) => {
    check.require(where, `sizes[${index}]`, size, integer({ min: 1, max: images.members }));
  });
  const points = sizes.map((size): CommitteeCurvePoint => {
    const result = runTrials(images, { size, trials, seed, vote, confidence });
    const sorted = result.trials.map(({ accuracy }) => accuracy).sort((a, b) => a - b);
    const { mean, min, max, standardDeviation, interval } = result;
    return {
      size,
      trials,
      mean,
      min,
      max,
      standardDeviation,
      lower: quantile(sorted, (1 - confidence) / 2),
      upper: quantile(sorted, (1 + confidence) / 2),
      interval,
    };
  });
  return { population: images.members, count: images.count, seed, vote, points };
}

/** Linear interpolation between order statistics, NumPy's default (Hyndman and Fan's type 7). */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
