import { readLabels } from './_read-labels.js';
import { erfc, regularizedBeta } from './_special-functions.js';
import type { Labels, Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';
import { predictedClasses } from './predicted-classes.js';

/** A paired comparison of two classifiers on the same images. */
export interface McNemarResult {
  readonly count: number;
  readonly bothCorrect: number;
  readonly onlyFirstCorrect: number;
  readonly onlySecondCorrect: number;
  readonly bothWrong: number;
  /** Two-sided p-value of the exact (binomial) test. The one to use: exact at any number of disagreements. */
  readonly exactPValue: number;
  /** (|b - c| - 1)^2 / (b + c), Edwards' continuity correction; 0 when the two never differ. */
  readonly chiSquare: number;
  /** Its upper tail, one degree of freedom; an approximation that wants b + c of 25 or more. */
  readonly chiSquarePValue: number;
}

/**
 * McNemar's test (1947): is one of two classifiers better, given that they saw the same images? Only the images that
 * exactly one of them gets right count.
 *
 * @param first [count, classes]
 * @param second [count, classes], same images
 * @param labels [count]
 */
export function mcnemar(first: Probabilities, second: Probabilities, labels: Labels): McNemarResult {
  const one = predictedClasses(first);
  const two = predictedClasses(second);
  if (one.length !== two.length) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `mcnemar: ${one.length} rows in the first, ${two.length} in the second; both must have seen the same images.`,
    );
  }
  if (one.length === 0) throw new EnsembleError('NO_DATA', 'mcnemar: no images; pass at least one.');
  const truth = readLabels(labels, one.length, Math.max(first.shape[1]!, second.shape[1]!));
  let bothCorrect = 0;
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < one.length; i++) {
    const firstRight = one[i] === truth[i];
    const secondRight = two[i] === truth[i];
    if (firstRight && secondRight) bothCorrect++;
    else if (firstRight) onlyFirst++;
    else if (secondRight) onlySecond++;
  }
  const differing = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // P(X <= k), X ~ Binomial(n, 1/2), is I_{1/2}(n - k, k + 1).
  const exactPValue =
    onlyFirst === onlySecond ? 1 : Math.min(1, 2 * regularizedBeta(0.5, differing - fewer, fewer + 1));
  const corrected = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1);
  const chiSquare = differing === 0 ? 0 : (corrected * corrected) / differing;
  return {
    count: one.length,
    bothCorrect,
    onlyFirstCorrect: onlyFirst,
    onlySecondCorrect: onlySecond,
    bothWrong: one.length - bothCorrect - differing,
    exactPValue,
    chiSquare,
    chiSquarePValue: erfc(Math.sqrt(chiSquare / 2)),
  };
}
