import type { Plane } from './_plane.js';
import type { WarpSource } from './_warp-source.js';

/** Where each pixel of the result comes from, row by row, in pixels of the source: (0, 0) is the middle of its first pixel. */
export interface WarpField {
  x: Float64Array;
  y: Float64Array;
}

export function growWarpField(field: WarpField, count: number): WarpField {
  if (field.x.length < count) {
    field.x = new Float64Array(count);
    field.y = new Float64Array(count);
  }
  return field;
}

/**
 * Samples the source once at every point of the field with bicubic convolution, a = -0.5 (R. G. Keys, "Cubic
 * convolution interpolation for digital image processing", 1981). Results are limited to the range of the image's own
 * values, because the cubic overshoots beside sharp edges. Points more than a pixel or two outside see the margin only.
 */
export function sampleWarp(source: WarpSource, field: WarpField, target: Plane): void {
  const { data, stride, origin, low, high, background } = source;
  const { x: xs, y: ys } = field;
  const to = target.data;
  const count = target.height * target.width;
  const maxX = source.width + 1;
  const maxY = source.height + 1;
  const left = source.left - 2;
  const right = source.right + 1;
  const top = source.top - 2;
  const bottom = source.bottom + 1;
  for (let i = 0; i < count; i++) {
    let px = xs[i]!;
    let py = ys[i]!;
    px = px < -2 ? -2 : Math.min(px, maxX);
    py = py < -2 ? -2 : Math.min(py, maxY);
    const ix = Math.floor(px);
    const iy = Math.floor(py);
    // The weights add up to 1: sixteen times the background is the background.
    if (ix < left || ix > right || iy < top || iy > bottom) {
      to[i] = background;
      continue;
    }
    const t = px - ix;
    const u = py - iy;
    const wx0 = ((1 - 0.5 * t) * t - 0.5) * t;
    const wx1 = (1.5 * t - 2.5) * t * t + 1;
    const wx2 = ((2 - 1.5 * t) * t + 0.5) * t;
    const wx3 = (t - 1) * 0.5 * t * t;
    const row0 = origin + (iy - 1) * stride + ix - 1;
    const row1 = row0 + stride;
    const row2 = row1 + stride;
    const row3 = row2 + stride;
    const a = data[row0]! * wx0 + data[row0 + 1]! * wx1 + data[row0 + 2]! * wx2 + data[row0 + 3]! * wx3;
    const b = data[row1]! * wx0 + data[row1 + 1]! * wx1 + data[row1 + 2]! * wx2 + data[row1 + 3]! * wx3;
    const c = data[row2]! * wx0 + data[row2 + 1]! * wx1 + data[row2 + 2]! * wx2 + data[row2 + 3]! * wx3;
    const d = data[row3]! * wx0 + data[row3 + 1]! * wx1 + data[row3 + 2]! * wx2 + data[row3 + 3]! * wx3;
    const value =
      a * (((1 - 0.5 * u) * u - 0.5) * u) +
      b * ((1.5 * u - 2.5) * u * u + 1) +
      c * (((2 - 1.5 * u) * u + 0.5) * u) +
      d * ((u - 1) * 0.5 * u * u);
    to[i] = value < low ? low : Math.min(value, high);
  }
}
