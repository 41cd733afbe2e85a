import type { NdArray } from 'ndarray';
import type { Plane } from './_plane.js';

/**
 * (value - mean) / standard deviation of a plane's values, written into `out`, which has its size; zeros for an image
 * of one value, which has no deviation to divide by.
 */
export function writeStandardised(plane: Plane, out: NdArray<Uint8Array | Float32Array>): void {
  const { data, height, width, stride, origin } = plane;
  const count = height * width;
  let sum = 0;
  let low = data[origin]!;
  let high = low;
  for (let y = 0; y < height; y++) {
    const row = origin + y * stride;
    for (let at = row; at < row + width; at++) {
      const value = data[at]!;
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const mean = sum / count;
  let squares = 0;
  for (let y = 0; y < height; y++) {
    const row = origin + y * stride;
    for (let at = row; at < row + width; at++) {
      const difference = data[at]! - mean;
      squares += difference * difference;
    }
  }
  // Equal values can leave a sum of squares of about 1e-30 behind, which must not be scaled up.
  const inverse = high > low ? 1 / Math.sqrt(squares / count) : 0;
  const target = out.data;
  const rowStride = out.stride[0]!;
  const columnStride = out.stride[1]!;
  for (let y = 0; y < height; y++) {
    let to = out.offset + y * rowStride;
    const row = origin + y * stride;
    for (let at = row; at < row + width; at++, to += columnStride) target[to] = (data[at]! - mean) * inverse;
  }
}
