import type { NdArray } from 'ndarray';
import { OnnxEngineError } from '../errors.js';
import { sizeOf } from '../network/network.js';

/** Copies images of any strides into contiguous memory. @throws OnnxEngineError INVALID_BATCH on another shape or type */
export function copyImages(
  images: NdArray<Float32Array>,
  expected: readonly number[],
  target: Float32Array,
): void {
  const { shape, stride, offset, data } = images;
  if (shape.length !== expected.length || shape.some((size, axis) => size !== expected[axis])) {
    throw new OnnxEngineError(
      'INVALID_BATCH',
      `the images have shape [${shape.join(', ')}]; expected [${expected.join(', ')}]`,
    );
  }
  if (!(data instanceof Float32Array)) {
    throw new OnnxEngineError(
      'INVALID_BATCH',
      `the images are ${(data as object).constructor.name}; expected Float32Array`,
    );
  }
  const size = sizeOf(expected);
  const contiguous = stride.every(
    (step, axis) => shape[axis] === 1 || step === sizeOf(shape.slice(axis + 1)),
  );
  if (contiguous) {
    target.set(data.subarray(offset, offset + size));
    return;
  }
  let written = 0;
  const copyAxis = (axis: number, position: number): void => {
    if (axis === shape.length) {
      target[written++] = data[position]!;
      return;
    }
    for (let index = 0; index < shape[axis]!; index++) copyAxis(axis + 1, position + index * stride[axis]!);
  };
  copyAxis(0, offset);
}
