import { readLabels } from './_read-labels.js';
import type { Labels, Probabilities } from './classifier.js';
import { predictedClasses } from './predicted-classes.js';

/** `matrix[truth][predicted]`: how many images of class `truth` were taken for class `predicted`. */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * Counts truth against prediction.
 *
 * @param probabilities [count, classes]
 * @param labels [count]
 * @returns [classes][classes], rows are the true classes
 */
export function confusionMatrix(probabilities: Probabilities, labels: Labels): ConfusionMatrix {
  const predicted = predictedClasses(probabilities);
  const classCount = probabilities.shape[1]!;
  const truth = readLabels(labels, predicted.length, classCount);
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let i = 0; i < predicted.length; i++) matrix[truth[i]!]![predicted[i]!]!++;
  return matrix;
}
