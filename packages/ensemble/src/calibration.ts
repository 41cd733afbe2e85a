import { integer, number } from '@mnist/kit';
import { readLabels } from './_read-labels.js';
import { readProbabilities } from './_read-probabilities.js';
import type { Labels, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';
import { leadingClasses } from './predicted-classes.js';

/** The predictions whose confidence lies in (lower, upper]; the first bin includes 0. */
export interface ReliabilityBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Mean confidence, 0 to 1; null in an empty bin. */
  readonly meanConfidence: number | null;
  /** Share of right answers, 0 to 1; null in an empty bin. */
  readonly accuracy: number | null;
}

/** Do the probabilities mean what they say? */
export interface Calibration {
  readonly count: number;
  /** Expected calibration error over bins of equal width (Guo et al. 2017): the mean gap of confidence and accuracy. */
  readonly expectedCalibrationError: number;
  /** The largest gap of any bin. */
  readonly maximumCalibrationError: number;
  /** Mean of -ln p(true class), nats. A probability below `floor` counts as `floor`. */
  readonly negativeLogLikelihood: number;
  /** Mean over images of sum over classes of (p - [true class])^2, 0 to 2 (Brier 1950). */
  readonly brierScore: number;
  readonly bins: readonly ReliabilityBin[];
}

export interface CalibrationOptions {
  /** Bins of equal width over 0 to 1. Default 15. */
  readonly bins?: number;
  /** Least probability used in the logarithm. Default 1.1920929e-7, float32's epsilon, as scikit-learn's `log_loss`. */
  readonly floor?: number;
}

/**
 * Calibration of the probabilities: expected calibration error, negative log-likelihood, Brier score and the bins of
 * the reliability diagram. The confidence of a prediction is its largest probability.
 *
 * @param probabilities [count, classes]
 * @param labels [count]
 */
export function calibration(
  probabilities: Probabilities,
  labels: Labels,
  options: CalibrationOptions = {},
): Calibration {
  const { bins: binCount, floor } = check.complete<Required<CalibrationOptions>>(
    'calibration',
    options,
    { bins: 15, floor: 1.1920929e-7 },
    { bins: integer({ min: 1, max: 100_000 }), floor: number({ above: 0, below: 1 }) },
  );
  const rows = readProbabilities(probabilities);
  const { data, count, classCount } = rows;
  if (count === 0) throw new EnsembleError('NO_DATA', 'calibration: no images; pass at least one.');
  const truth = readLabels(labels, count, classCount);
  const predicted = leadingClasses(rows);
  const counts = new Float64Array(binCount);
  const confidences = new Float64Array(binCount);
  const corrects = new Float64Array(binCount);
  let logLoss = 0;
  let brier = 0;
  for (let row = 0, at = 0; row < count; row++, at += classCount) {
    const confidence = data[at + predicted[row]!]!;
    const bin = Math.min(binCount - 1, Math.max(0, Math.ceil(confidence * binCount) - 1));
    counts[bin]!++;
    confidences[bin]! += confidence;
    if (predicted[row] === truth[row]) corrects[bin]!++;
    logLoss -= Math.log(Math.min(1, Math.max(floor, data[at + truth[row]!]!)));
    for (let column = 0; column < classCount; column++) {
      const difference = data[at + column]! - (column === truth[row] ? 1 : 0);
      brier += difference * difference;
    }
  }
  let expected = 0;
  let maximum = 0;
  const bins = Array.from({ length: binCount }, (_, bin): ReliabilityBin => {
    const inBin = counts[bin]!;
    const gap = inBin === 0 ? 0 : Math.abs(corrects[bin]! - confidences[bin]!) / inBin;
    expected += (gap * inBin) / count;
    maximum = Math.max(maximum, gap);
    return {
      lower: bin / binCount,
      upper: (bin + 1) / binCount,
      count: inBin,
      meanConfidence: inBin === 0 ? null : confidences[bin]! / inBin,
      accuracy: inBin === 0 ? null : corrects[bin]! / inBin,
    };
  });
  return {
    count,
    expectedCalibrationError: expected,
    maximumCalibrationError: maximum,
    negativeLogLikelihood: logLoss / count,
    brierScore: brier / count,
    bins,
  };
}
