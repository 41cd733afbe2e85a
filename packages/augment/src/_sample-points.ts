import { clipTable, lowestOvershoot } from './_clip-table.js';
import { fillMarginWithEdges, fillRun, noteContent, type Plane } from './_plane.js';
import { WindowRange } from './_window-range.js';

/**
 * Where to sample: continuous image coordinates, in which pixel 0 covers 0..1. A point outside of the image has
 * x = -1: whoever fills the points knows when none can be, and saves four comparisons a point.
 */
export interface SamplePoints {
  x: Float64Array;
  y: Float64Array;
}

export function createSamplePoints(count: number): SamplePoints {
  return { x: new Float64Array(count), y: new Float64Array(count) };
}

export function growSamplePoints(points: SamplePoints, count: number): void {
  if (points.x.length >= count) return;
  points.x = new Float64Array(count);
  points.y = new Float64Array(count);
}

/**
 * Samples `source` (not a view) bicubically (a = -0.5) at `target.height * target.width` points, in the order of
 * operations of Pillow's Geometry.c, so that the doubles are the same: rows first, coefficients of the cubic, Horner.
 * Points outside of the image give 0, the neighbourhood of points near the border repeats the border. With `eightBit`
 * the result is limited to 0..255 and its fraction cut off (not rounded), as Pillow does. Only `source.content` is
 * looked at; `target.content` is set.
 */
export const samplePoints = createSampler();

/** A closure made once, for V8 takes the constants in it for constants; a module's own it reads anew in every loop. */
function createSampler() {
  const clip = clipTable;
  const lowest = lowestOvershoot;
  // Working memory of one call, kept for the next: nothing in it outlives a call.
  // A point of the image lies between the middles of the pixels -1 and 0 at the earliest.
  const windows = new WindowRange(1, 0);

  /** Rounds down a number that is at least -1: `| 0` alone would round -0.5 up. */
  const floor = (value: number): number => (value < 0 ? -1 : value | 0);

  /** The cubic through v1 and v2 with slopes from v0 and v3, at `t` between v1 and v2. */
  const cubic = (v0: number, v1: number, v2: number, v3: number, t: number): number => {
    const p2 = -v0 + v2;
    const p3 = 2 * (v0 - v1) + v2 - v3;
    const p4 = -v0 + v1 - v2 + v3;
    return v1 + t * (p2 + t * (p3 + t * p4));
  };

  /**
   * `cubic` with fewer operations. Whole numbers of this size are added and subtracted without rounding, so for 8-bit
   * pixels the coefficients are exact in any order and the result is the same double.
   */
  const cubicOfPixels = (v0: number, v1: number, v2: number, v3: number, t: number): number => {
    const left = v0 - v1;
    const both = left + (v2 - v3);
    return v1 + t * (v2 - v0 + t * (left + both - t * both));
  };

  return (source: Plane, points: SamplePoints, target: Plane, eightBit: boolean): void => {
    fillMarginWithEdges(source);
    windows.update(source.content, source.height);
    const { first: seenFrom, last: seenTo } = windows;
    const { data, stride, origin } = source;
    const { x: xs, y: ys } = points;
    const to = target.data;
    for (let row = 0; row < target.height; row++) {
      const start = target.origin + row * target.stride;
      const firstPoint = row * target.width;
      let from = firstPoint;
      let end = firstPoint + target.width;
      // Here `| 0` may round up: that takes in a window too many, never one too few.
      for (; from < end; from++) {
        const column = (xs[from]! - 0.5) | 0;
        const window = ((ys[from]! - 0.5) | 0) + 1;
        if (column >= seenFrom[window]! && column <= seenTo[window]!) break;
      }
      for (; from < end; end--) {
        const column = (xs[end - 1]! - 0.5) | 0;
        const window = ((ys[end - 1]! - 0.5) | 0) + 1;
        if (column >= seenFrom[window]! && column <= seenTo[window]!) break;
      }
      fillRun(to, start, start + target.width, 0);
      for (let point = from; point < end; point++) {
        const px = xs[point]!;
        if (px < 0) continue;
        const cx = px - 0.5;
        const cy = ys[point]! - 0.5;
        const ix = floor(cx);
        const iy = floor(cy);
        const dx = cx - ix;
        const r0 = (origin + Math.imul(iy - 1, stride) + ix - 1) | 0;
        const r1 = (r0 + stride) | 0;
        const r2 = (r1 + stride) | 0;
        const r3 = (r2 + stride) | 0;
        const a = cubicOfPixels(data[r0]!, data[r0 + 1]!, data[r0 + 2]!, data[r0 + 3]!, dx);
        const b = cubicOfPixels(data[r1]!, data[r1 + 1]!, data[r1 + 2]!, data[r1 + 3]!, dx);
        const c = cubicOfPixels(data[r2]!, data[r2 + 1]!, data[r2 + 2]!, data[r2 + 3]!, dx);
        const d = cubicOfPixels(data[r3]!, data[r3 + 1]!, data[r3 + 2]!, data[r3 + 3]!, dx);
        to[start + point - firstPoint] = cubic(a, b, c, d, cy - iy);
      }
      if (eightBit) {
        const stop = start + end - firstPoint;
        for (let at = start + from - firstPoint; at < stop; at++) to[at] = clip[(to[at]! | 0) - lowest]!;
      }
      noteContent(target, row, from - firstPoint, end - 1 - firstPoint);
    }
  };
}
