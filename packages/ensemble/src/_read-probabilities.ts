import type { Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';

/** How far a row's sum may be from 1: float32 softmax outputs are within 1e-6, half-precision ones within 1e-3. */
const ROW_SUM_TOLERANCE = 5e-3;

/** Probabilities as one contiguous row-major array. */
export interface Rows {
  readonly data: Float32Array | Float64Array;
  readonly count: number;
  readonly classCount: number;
}

/** Reads an ndarray [count, classes], copying only if it is strided. Values are not looked at. */
export function readRows(array: Probabilities, path: string): Rows {
  if (!array || typeof array !== 'object' || !('data' in array) || !Array.isArray(array.shape)) {
    throw new EnsembleError(
      'INVALID_PROBABILITIES',
      `${path}: expected an ndarray of shape [count, classes]; wrap plain data with ndarray(data, [count, classes]).`,
    );
  }
  if (array.shape.length !== 2) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `${path}: shape [${array.shape.join(', ')}]; expected [count, classes].`,
    );
  }
  const [count, classCount] = array.shape as [number, number];
  if (classCount < 1)
    throw new EnsembleError('SHAPE_MISMATCH', `${path}: no classes in shape [${array.shape}].`);
  const data: Float32Array | Float64Array = array.data;
  const [rowStride, columnStride] = array.stride as [number, number];
  const size = count * classCount;
  if (columnStride === 1 && rowStride === classCount) {
    const view = data.subarray(array.offset, array.offset + size);
    if (view.length < size) {
      throw new EnsembleError(
        'SHAPE_MISMATCH',
        `${path}: ${view.length} values for shape [${count}, ${classCount}]; expected ${size}.`,
      );
    }
    return { data: view, count, classCount };
  }
  const packed = data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  for (let row = 0, to = 0; row < count; row++) {
    const from = array.offset + row * rowStride;
    for (let column = 0; column < classCount; column++) packed[to++] = data[from + column * columnStride]!;
  }
  return { data: packed, count, classCount };
}

/** As `readRows`, and every row must be a distribution: no NaN, nothing negative, sum 1. */
export function readProbabilities(array: Probabilities, path = 'probabilities'): Rows {
  const rows = readRows(array, path);
  const { data, count, classCount } = rows;
  for (let row = 0, at = 0; row < count; row++) {
    let sum = 0;
    let least = 0;
    for (let column = 0; column < classCount; column++) {
      const value = data[at++]!;
      sum += value;
      if (value < least) least = value;
    }
    // Written so that NaN fails it.
    if (!(Math.abs(sum - 1) <= ROW_SUM_TOLERANCE && least >= 0)) throw badRow(rows, row, path);
  }
  return rows;
}

/**
 * As `readProbabilities` for several classifiers of the same images. With `readRows` as `read`, the caller checks the
 * values in a pass of its own.
 */
export function readMembers(
  members: readonly Probabilities[],
  path = 'probabilities',
  read: (array: Probabilities, path: string) => Rows = readProbabilities,
): Rows[] {
  if (!Array.isArray(members) || members.length === 0) {
    throw new EnsembleError(
      'NO_DATA',
      `${path}: expected a non-empty list, one ndarray [count, classes] a net.`,
    );
  }
  const all = members.map((member, index) => read(member, `${path}[${index}]`));
  const first = all[0]!;
  all.forEach((rows, index) => {
    if (rows.count !== first.count || rows.classCount !== first.classCount) {
      throw new EnsembleError(
        'SHAPE_MISMATCH',
        `${path}[${index}]: shape [${rows.count}, ${rows.classCount}] differs from [${first.count}, ${first.classCount}] of ${path}[0]; all members must have seen the same images.`,
      );
    }
  });
  return all;
}

/** The error for a row that is not a distribution. */
export function badRow(rows: Rows, row: number, path: string): EnsembleError {
  const values = [...rows.data.subarray(row * rows.classCount, (row + 1) * rows.classCount)];
  const shown = values.slice(0, 12).map((value) => Number(value.toPrecision(4)));
  return new EnsembleError(
    'INVALID_PROBABILITIES',
    `${path}, row ${row}: [${shown.join(', ')}${values.length > 12 ? ', ...' : ''}] is not a distribution (no NaN, nothing negative, sum 1). Pass softmax outputs; softmax(logits) makes them.`,
  );
}
