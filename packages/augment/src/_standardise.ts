import type { NdArray } from 'ndarray';
import type { Plane } from './_plane.js';

/**
 * (value - mean) / standard deviation of a plane's values, written into `out`, which has its size; zeros for an image
 * of one value, which has no deviation to divide by.
 */
export function writeStandardised(plane: Plane, out: NdArray<Uint8Array | Float32Array>): void {
  const { data, height, width, stride, origin } = plane;
  const count = height * width;
  // One pass, counted from the first pixel. What cancels when the squares are put together is small: that pixel alone
  // contributes (its distance from the mean)^2 / count to the variance. An image of one value gives exact zeros.
  const reference = data[origin]!;
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height; y++) {
    const row = origin + y * stride;
    for (let at = row; at < row + width; at++) {
      const difference = data[at]! - reference;
      sum += difference;
      squares += difference * difference;
    }
  }
  const mean = reference + sum / count;
  const inverse = squares > 0 ? 1 / Math.sqrt((squares - (sum * sum) / count) / count) : 0;
  const target = out.data;
  const rowStride = out.stride[0]!;
  const columnStride = out.stride[1]!;
  for (let y = 0; y < height; y++) {
    let to = out.offset + y * rowStride;
    const row = origin + y * stride;
    for (let at = row; at < row + width; at++, to += columnStride) target[to] = (data[at]! - mean) * inverse;
  }
}
