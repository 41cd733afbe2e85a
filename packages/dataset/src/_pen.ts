import type { Stroke } from './_glyphs.js';

/** A pen's path: straight pieces between points, with the pen's radius at each. */
export interface PenPath {
  /** x, y, radius of each point, one stroke after the other. */
  readonly points: Float64Array;
  /** Index of each stroke's first point, and of the end. */
  readonly starts: readonly number[];
}

const steps = 5;

/**
 * Follows the strokes as smooth curves (uniform Catmull-Rom splines that break at corners).
 *
 * @param radiusAt the pen's radius at a point of a stroke, as a factor
 */
export function tracePath(strokes: readonly Stroke[], radiusAt: () => number): PenPath {
  const pieces = strokes.reduce((sum, stroke) => sum + stroke.length - 1, 0);
  const points = new Float64Array(3 * (pieces * steps + strokes.length));
  const starts: number[] = [];
  let n = 0;
  for (const stroke of strokes) {
    starts.push(n);
    let radius = radiusAt();
    for (let piece = 0; piece + 1 < stroke.length; piece++) {
      const from = stroke[piece]!;
      const to = stroke[piece + 1]!;
      const before = piece > 0 && !from.corner ? stroke[piece - 1]! : from;
      const after = piece + 2 < stroke.length && !to.corner ? stroke[piece + 2]! : to;
      const nextRadius = radiusAt();
      const last = piece + 2 === stroke.length;
      for (let step = 0; step < steps + (last ? 1 : 0); step++) {
        const t = step / steps;
        points[3 * n] = spline(before.x, from.x, to.x, after.x, t);
        points[3 * n + 1] = spline(before.y, from.y, to.y, after.y, t);
        points[3 * n + 2] = radius + (nextRadius - radius) * t;
        n++;
      }
      radius = nextRadius;
    }
  }
  starts.push(n);
  return { points, starts };
}

function spline(p0: number, p1: number, p2: number, p3: number, t: number): number {
  return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
}

/**
 * Inks a path onto a square picture. A pixel's grey value is how far its centre lies inside the stroke, over an edge
 * of `softness` pixels.
 *
 * @param out uint8 [side, side], the background 0
 */
export function inkPath(path: PenPath, out: Uint8Array, side: number, softness: number): void {
  const { points, starts } = path;
  for (let stroke = 0; stroke + 1 < starts.length; stroke++) {
    for (let i = starts[stroke]!; i + 1 < starts[stroke + 1]!; i++) {
      const x0 = points[3 * i]!;
      const y0 = points[3 * i + 1]!;
      const r0 = points[3 * i + 2]!;
      const dx = points[3 * i + 3]! - x0;
      const dy = points[3 * i + 4]! - y0;
      const dr = points[3 * i + 5]! - r0;
      const reach = Math.max(r0, r0 + dr) + softness / 2;
      const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach - 0.5));
      const right = Math.min(side - 1, Math.floor(Math.max(x0, x0 + dx) + reach - 0.5));
      const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach - 0.5));
      const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y0 + dy) + reach - 0.5));
      const scale = 1 / (dx * dx + dy * dy + 1e-12);
      for (let y = top; y <= bottom; y++) {
        const py = y + 0.5 - y0;
        for (let x = left; x <= right; x++) {
          const px = x + 0.5 - x0;
          const t = Math.min(1, Math.max(0, (px * dx + py * dy) * scale));
          const ex = px - t * dx;
          const ey = py - t * dy;
          const outside = Math.sqrt(ex * ex + ey * ey) - (r0 + t * dr);
          const grey = Math.round(255 * Math.min(1, 0.5 - outside / softness));
          if (grey > out[y * side + x]!) out[y * side + x] = grey;
        }
      }
    }
  }
}
