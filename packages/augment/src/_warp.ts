import { fillRun, type Plane } from './_plane.js';
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
  const { low, high, background } = source;
  const { first: seenFrom, last: seenTo } = source.windows;
  const { data, stride, height, width } = source.plane;
  // Points are counted from 2 pixels before the image, where none is negative and `| 0` rounds down.
  const origin = source.plane.origin - 3 * stride - 3;
  const { x: xs, y: ys } = field;
  const to = target.data;
  const maxX = width + 3;
  const maxY = height + 3;
  for (let row = 0; row < target.height; row++) {
    const start = target.origin + row * target.stride;
    const firstPoint = row * target.width;
    // The weights add up to 1: sixteen times the background is the background.
    let from = firstPoint;
    let end = firstPoint + target.width;
    while (from < end && isBackground(xs[from]!, ys[from]!, maxX, maxY, seenFrom, seenTo)) from++;
    while (from < end && isBackground(xs[end - 1]!, ys[end - 1]!, maxX, maxY, seenFrom, seenTo)) end--;
    fillRun(to, start, start + target.width, background);
    for (let point = from; point < end; point++) {
      const px = limit(xs[point]! + 2, maxX);
      const py = limit(ys[point]! + 2, maxY);
      const ix = px | 0;
      const iy = py | 0;
      const t = px - ix;
      const u = py - iy;
      const wx0 = ((1 - 0.5 * t) * t - 0.5) * t;
      const wx1 = (1.5 * t - 2.5) * t * t + 1;
      const wx2 = ((2 - 1.5 * t) * t + 0.5) * t;
      const wx3 = (t - 1) * 0.5 * t * t;
      const r0 = origin + iy * stride + ix;
      const r1 = r0 + stride;
      const r2 = r1 + stride;
      const r3 = r2 + stride;
      const a = data[r0]! * wx0 + data[r0 + 1]! * wx1 + data[r0 + 2]! * wx2 + data[r0 + 3]! * wx3;
      const b = data[r1]! * wx0 + data[r1 + 1]! * wx1 + data[r1 + 2]! * wx2 + data[r1 + 3]! * wx3;
      const c = data[r2]! * wx0 + data[r2 + 1]! * wx1 + data[r2 + 2]! * wx2 + data[r2 + 3]! * wx3;
      const d = data[r3]! * wx0 + data[r3 + 1]! * wx1 + data[r3 + 2]! * wx2 + data[r3 + 3]! * wx3;
      const value =
        a * (((1 - 0.5 * u) * u - 0.5) * u) +
        b * ((1.5 * u - 2.5) * u * u + 1) +
        c * (((2 - 1.5 * u) * u + 0.5) * u) +
        d * ((u - 1) * 0.5 * u * u);
      // Limits to low ... high without branches, which the processor would guess wrong in every third pixel:
      // (z + |z|) / 2 is z where z is positive, else exactly 0.
      const over = value - high;
      const under = low - value;
      to[start + point - firstPoint] =
        value - (over + Math.abs(over)) * 0.5 + (under + Math.abs(under)) * 0.5;
    }
  }
}

function limit(value: number, max: number): number {
  return value < 0 ? 0 : Math.min(value, max);
}

function isBackground(
  x: number,
  y: number,
  maxX: number,
  maxY: number,
  seenFrom: Int32Array,
  seenTo: Int32Array,
): boolean {
  const ix = (limit(x + 2, maxX) | 0) - 2;
  const iy = limit(y + 2, maxY) | 0;
  return ix < seenFrom[iy]! || ix > seenTo[iy]!;
}
