import ndarray, { type NdArray } from 'ndarray';
import { readRows } from './_read-probabilities.js';
import type { Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';

/**
 * Class probabilities from logits, row by row: exp(x - max) / sum, computed in float64 and stored as float32, so that
 * logits of any finite size are safe.
 *
 * @param logits float32, [count, classes]; may be a strided view
 * @returns float32, [count, classes]; each row sums to 1
 * @throws EnsembleError `INVALID_LOGITS` if a logit is NaN or infinite: a net that diverged must not vote
 */
export function softmax(logits: NdArray<Float32Array>): Probabilities {
  const { data, count, classCount } = readRows(logits, 'logits');
  const out = new Float32Array(count * classCount);
  const exponentials = new Float64Array(classCount);
  for (let row = 0, at = 0; row < count; row++, at += classCount) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let column = 0; column < classCount; column++) {
      const value = data[at + column]!;
      if (!Number.isFinite(value)) {
        throw new EnsembleError(
          'INVALID_LOGITS',
          `logits: row ${row}, class ${column} is ${value}; expected a finite number. The net has diverged or its weights are damaged.`,
        );
      }
      if (value > largest) largest = value;
    }
    let sum = 0;
    for (let column = 0; column < classCount; column++) {
      const exponential = Math.exp(data[at + column]! - largest);
      exponentials[column] = exponential;
      sum += exponential;
    }
    for (let column = 0; column < classCount; column++) out[at + column] = exponentials[column]! / sum;
  }
  return ndarray(out, [count, classCount]);
}
