import type { NdArray } from 'ndarray';
import type { Plane } from './_plane.js';

/**
 * (value - mean) / standard deviation of the first `height * width` values, written into `out`; zeros for an image of
 * one value, which has no deviation to divide by.
 */
export function writeStandardised(plane: Plane, out: NdArray<Uint8Array | Float32Array>): void {
  const { data, height, width } = plane;
  const count = height * width;
  let sum = 0;
  let low = data[0]!;
  let high = low;
  for (let i = 0; i < count; i++) {
    const value = data[i]!;
    sum += value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const difference = data[i]! - mean;
    squares += difference * difference;
  }
  // Equal values can leave a sum of squares of about 1e-30 behind, which must not be scaled up.
  const inverse = high > low ? 1 / Math.sqrt(squares / count) : 0;
  const target = out.data;
  const rowStride = out.stride[0]!;
  const columnStride = out.stride[1]!;
  let at = 0;
  for (let y = 0; y < height; y++) {
    let to = out.offset + y * rowStride;
    for (let x = 0; x < width; x++, to += columnStride) target[to] = (data[at++]! - mean) * inverse;
  }
}
