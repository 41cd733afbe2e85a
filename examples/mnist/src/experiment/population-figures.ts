import {
  type AccuracyInterval,
  accuracy,
  accuracyInterval,
  type CommitteeCurvePoint,
  committeeCurve,
  misclassified,
  type Probabilities,
  softVote,
} from '@mnist/ensemble';

/** Accuracies in per cent; the standard deviation has n - 1 in its denominator and is missing for a single value. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly standardDeviation?: number;
  /** Errors of each, in the order of the nets. */
  readonly errors: readonly number[];
}

/** What a population achieves, in the ways that do not flatter it. */
export interface PopulationFigures {
  readonly images: number;
  readonly nets: Spread;
  /** Committees that share no net, so that their spread is that of independent trainings. */
  readonly disjoint: readonly ({ readonly size: number } & Spread)[];
  /** Random committees, which overlap: their spread is that of resampling this population. */
  readonly random: readonly CommitteeCurvePoint[];
  readonly all: {
    readonly size: number;
    readonly errors: number;
    readonly accuracy: number;
    /** Wilson, 95 %. */
    readonly interval: AccuracyInterval;
    /** Test images that the vote of all gets wrong, the most confident first, with how many nets chose each class. */
    readonly mistakes: readonly {
      readonly index: number;
      readonly label: number;
      readonly predicted: number;
      readonly votes: readonly number[];
      /** cleanlab takes this image's label for wrong. */
      readonly doubtfulLabel: boolean;
    }[];
  };
}

/**
 * Test images of MNIST whose label people who looked again take for wrong (index from 0). Source: labelerrors.com, C. G. Northcutt,
 * A. Athalye, J. Mueller, "Pervasive label errors in test sets destabilize machine learning benchmarks", 2021. Nothing is corrected here.
 */
const doubtfulLabels: ReadonlySet<number> = new Set([
  947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729,
]);

export interface FigureOptions {
  /** Sizes of the disjoint committees. Default 5 and 15. */
  readonly disjointSizes?: readonly number[];
  /** Sizes of the random committees. Default: those of the curve. */
  readonly sizes?: readonly number[];
  readonly trials?: number;
  readonly seed?: number;
  /** Whether `doubtfulLabels` speak of these images. */
  readonly mnistTest: boolean;
}

/** @param probabilities [count, classes] of each net, in the order of the nets */
export function populationFigures(
  probabilities: readonly Probabilities[],
  labels: Uint8Array,
  options: FigureOptions,
): PopulationFigures {
  const { disjointSizes = [5, 15], sizes, trials = 1000, seed = 1, mnistTest } = options;
  const errorsOf = (nets: readonly Probabilities[]) => accuracy(softVote(nets), labels).errors;
  const disjoint = disjointSizes
    .filter((size) => size <= probabilities.length)
    .map((size) => {
      const committees = Math.floor(probabilities.length / size);
      const errors = Array.from({ length: committees }, (_, committee) =>
        errorsOf(probabilities.slice(committee * size, (committee + 1) * size)),
      );
      return { size, ...spread(errors, labels.length) };
    });
  const vote = softVote(probabilities);
  const all = accuracy(vote, labels);
  return {
    images: labels.length,
    nets: spread(
      probabilities.map((net) => accuracy(net, labels).errors),
      labels.length,
    ),
    disjoint,
    random: committeeCurve({ probabilities, labels, sizes, trials, seed }).points,
    all: {
      size: probabilities.length,
      errors: all.errors,
      accuracy: all.accuracy,
      interval: accuracyInterval(all.correct, all.count),
      mistakes: misclassified(vote, labels, { members: probabilities, order: 'margin' }).map(
        ({ index, label, predicted, votes }) => ({
          index,
          label,
          predicted,
          votes: votes!,
          doubtfulLabel: mnistTest && doubtfulLabels.has(index),
        }),
      ),
    },
  };
}

function spread(errors: readonly number[], images: number): Spread {
  const percents = errors.map((wrong) => (1 - wrong / images) * 100);
  const mean = percents.reduce((sum, value) => sum + value, 0) / percents.length;
  return {
    count: errors.length,
    mean,
    ...(errors.length > 1 && {
      standardDeviation: Math.sqrt(
        percents.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (percents.length - 1),
      ),
    }),
    errors,
  };
}
