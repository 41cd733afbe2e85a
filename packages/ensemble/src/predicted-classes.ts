import { type Rows, readRows } from './_read-probabilities.js';
import type { Probabilities } from './classifier.js';

/**
 * The most probable class of each row. Ties go to the lowest class index, as in NumPy's `argmax`.
 *
 * @param probabilities [count, classes]; any scores that compare will do
 * @returns [count] class indices
 */
export function predictedClasses(probabilities: Probabilities): Uint16Array {
  return leadingClasses(readRows(probabilities, 'probabilities'));
}

/** The same of an array that was looked through already. */
export function leadingClasses({ data, count, classCount }: Rows): Uint16Array {
  const classes = new Uint16Array(count);
  for (let row = 0, at = 0; row < count; row++, at += classCount) {
    let best = 0;
    let most = data[at]!;
    for (let column = 1; column < classCount; column++) {
      const value = data[at + column]!;
      if (value > most) {
        most = value;
        best = column;
      }
    }
    classes[row] = best;
  }
  return classes;
}
