import type { Plane } from './_plane.js';

/** Where to sample: continuous image coordinates, in which pixel 0 covers 0..1. */
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

/** [left, top, right, bottom] of all values that are not zero, right and bottom exclusive. */
function findContent({ data, height, width }: Plane, content: Int32Array): void {
  let left = width;
  let right = 0;
  let top = height;
  let bottom = 0;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let first = 0;
    while (first < width && data[start + first] === 0) first++;
    if (first === width) continue;
    let last = width - 1;
    while (data[start + last] === 0) last--;
    if (top > y) top = y;
    bottom = y + 1;
    if (first < left) left = first;
    if (last >= right) right = last + 1;
  }
  content[0] = left;
  content[1] = top;
  content[2] = right;
  content[3] = bottom;
}

const content = new Int32Array(4);

/**
 * Samples `source` bicubically (a = -0.5) at `target.height * target.width` points, in the order of operations of
 * Pillow's Geometry.c, so that the doubles are the same: rows first, coefficients of the cubic, Horner. Points outside
 * of the image give 0, the neighbourhood of points near the border repeats the border. With `eightBit` the result is
 * limited to 0..255 and its fraction cut off (not rounded), as Pillow does.
 */
export function samplePoints(source: Plane, points: SamplePoints, target: Plane, eightBit: boolean): void {
  const { data, height, width } = source;
  const { x: xs, y: ys } = points;
  const to = target.data;
  const count = target.height * target.width;
  findContent(source, content);
  const left = content[0]!;
  const top = content[1]!;
  const right = content[2]!;
  const bottom = content[3]!;
  for (let i = 0; i < count; i++) {
    const px = xs[i]!;
    const py = ys[i]!;
    if (px < 0 || px >= width || py < 0 || py >= height) {
      to[i] = 0;
      continue;
    }
    const cx = px - 0.5;
    const cy = py - 0.5;
    const ix = Math.floor(cx);
    const iy = Math.floor(cy);
    // All sixteen neighbours are zero, and so is every sum of them.
    if (ix + 2 < left || ix - 1 >= right || iy + 2 < top || iy - 1 >= bottom) {
      to[i] = 0;
      continue;
    }
    const dx = cx - ix;
    const dy = cy - iy;
    let x0 = ix - 1;
    let x1 = ix;
    let x2 = ix + 1;
    let x3 = ix + 2;
    let y0 = iy - 1;
    let y1 = iy;
    let y2 = iy + 1;
    let y3 = iy + 2;
    if (x0 < 0 || x3 >= width || y0 < 0 || y3 >= height) {
      const lastX = width - 1;
      const lastY = height - 1;
      x0 = Math.max(x0, 0);
      x1 = Math.max(x1, 0);
      x2 = Math.min(x2, lastX);
      x3 = Math.min(x3, lastX);
      y0 = Math.max(y0, 0);
      y1 = Math.max(y1, 0);
      y2 = Math.min(y2, lastY);
      y3 = Math.min(y3, lastY);
    }
    y0 *= width;
    y1 *= width;
    y2 *= width;
    y3 *= width;
    const a = cubic(data[y0 + x0]!, data[y0 + x1]!, data[y0 + x2]!, data[y0 + x3]!, dx);
    const b = cubic(data[y1 + x0]!, data[y1 + x1]!, data[y1 + x2]!, data[y1 + x3]!, dx);
    const c = cubic(data[y2 + x0]!, data[y2 + x1]!, data[y2 + x2]!, data[y2 + x3]!, dx);
    const d = cubic(data[y3 + x0]!, data[y3 + x1]!, data[y3 + x2]!, data[y3 + x3]!, dx);
    const value = cubic(a, b, c, d, dy);
    if (eightBit) to[i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
    else to[i] = value;
  }
}

/** The cubic through v1 and v2 with slopes from v0 and v3, at `t` between v1 and v2. */
function cubic(v0: number, v1: number, v2: number, v3: number, t: number): number {
  const p2 = -v0 + v2;
  const p3 = 2 * (v0 - v1) + v2 - v3;
  const p4 = -v0 + v1 - v2 + v3;
  return v1 + t * (p2 + t * (p3 + t * p4));
}
