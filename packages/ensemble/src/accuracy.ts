import { readLabels } from './_read-labels.js';
import type { Labels, Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';
import { predictedClasses } from './predicted-classes.js';

/** An accuracy with the counts that it comes from. */
export interface Accuracy {
  /** Images looked at: all of them, an incomplete last batch included. */
  readonly count: number;
  readonly correct: number;
  /** `count - correct` */
  readonly errors: number;
  /** `correct / count`, 0 to 1 */
  readonly accuracy: number;
}

/**
 * How many of the most probable classes are right (ties: lowest class index).
 *
 * @param probabilities [count, classes]
 * @param labels [count]
 * @throws EnsembleError `NO_DATA` for no images: there is no accuracy of nothing
 */
export function accuracy(probabilities: Probabilities, labels: Labels): Accuracy {
  const predicted = predictedClasses(probabilities);
  const count = predicted.length;
  if (count === 0) throw new EnsembleError('NO_DATA', 'accuracy: no images; pass at least one.');
  const truth = readLabels(labels, count, probabilities.shape[1]!);
  let correct = 0;
  for (let i = 0; i < count; i++) if (predicted[i] === truth[i]) correct++;
  return { count, correct, errors: count - correct, accuracy: correct / count };
}
