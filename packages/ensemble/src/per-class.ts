import type { ConfusionMatrix } from './confusion-matrix.js';
import { EnsembleError } from './ensemble-error.js';

/** How one class fares. A ratio whose denominator is 0 is 0, as scikit-learn's `zero_division=0`. */
export interface ClassMetrics {
  readonly classIndex: number;
  /** Images of the class. */
  readonly support: number;
  /** Times that the class was predicted. */
  readonly predicted: number;
  readonly correct: number;
  /** correct / predicted */
  readonly precision: number;
  /** correct / support */
  readonly recall: number;
  /** The harmonic mean of precision and recall. */
  readonly f1: number;
}

/** @param matrix from `confusionMatrix`; rows are the true classes */
export function perClass(matrix: ConfusionMatrix): ClassMetrics[] {
  const classCount = matrix.length;
  matrix.forEach((row, index) => {
    if (row.length !== classCount) {
      throw new EnsembleError(
        'SHAPE_MISMATCH',
        `perClass: row ${index} has ${row.length} columns for ${classCount} rows; expected a square matrix.`,
      );
    }
  });
  return matrix.map((row, classIndex) => {
    const support = row.reduce((sum, value) => sum + value, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[classIndex]!, 0);
    const correct = row[classIndex]!;
    const union = support + predicted;
    return {
      classIndex,
      support,
      predicted,
      correct,
      precision: predicted === 0 ? 0 : correct / predicted,
      recall: support === 0 ? 0 : correct / support,
      f1: union === 0 ? 0 : (2 * correct) / union,
    };
  });
}
