import type { NdArray } from 'ndarray';
import type { Labels } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';

/** Labels as one contiguous array, checked against the number of rows and of classes. */
export function readLabels(
  labels: Labels,
  count: number,
  classCount: number,
  path = 'labels',
): ArrayLike<number> {
  let flat: ArrayLike<number>;
  if (labels && typeof labels === 'object' && 'stride' in labels && 'data' in labels) {
    flat = flatten(labels, path);
  } else if (
    labels &&
    typeof labels === 'object' &&
    typeof (labels as ArrayLike<number>).length === 'number'
  ) {
    flat = labels as ArrayLike<number>;
  } else {
    throw new EnsembleError(
      'INVALID_LABELS',
      `${path}: found ${typeof labels}; expected an ndarray [count], a typed array or a list of class indices.`,
    );
  }
  if (flat.length !== count) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `${path}: ${flat.length} labels for ${count} rows of probabilities; pass the labels of exactly these images, in the same order.`,
    );
  }
  for (let i = 0; i < count; i++) {
    const label = flat[i];
    if (!Number.isInteger(label) || label! < 0 || label! >= classCount) {
      throw new EnsembleError(
        'INVALID_LABELS',
        `${path}[${i}] is ${label}; expected a class index from 0 to ${classCount - 1}.`,
      );
    }
  }
  return flat;
}

function flatten(labels: NdArray<Uint8Array>, path: string): Uint8Array {
  if (labels.shape.length !== 1) {
    throw new EnsembleError(
      'SHAPE_MISMATCH',
      `${path}: shape [${labels.shape.join(', ')}]; expected [count].`,
    );
  }
  const count = labels.shape[0]!;
  const stride = labels.stride[0]!;
  if (stride === 1) return labels.data.subarray(labels.offset, labels.offset + count);
  const flat = new Uint8Array(count);
  for (let i = 0; i < count; i++) flat[i] = labels.data[labels.offset + i * stride]!;
  return flat;
}
