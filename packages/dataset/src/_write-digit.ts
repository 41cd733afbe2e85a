import { glyphs, type PenPoint, type Stroke } from './_glyphs.js';
import type { Hand } from './_hand.js';
import { inkPath, type PenPath, tracePath } from './_pen.js';

const side = 28;
/** Longest side of the ink, edges included. A stretch of less than 20 pixels holds at most 20 pixel centres. */
const longest = 19.9;

/** Writes one digit of a class by one hand: shape, slant, proportions, care, pen, size and place. */
export function writeDigit(digit: number, hand: Hand, out: Uint8Array): void {
  const strokes = distort(glyphs[digit]!(hand), hand, digit === 1 ? 0.3 : 1);
  const softness = hand.between(1, 1.7);
  const radius = Math.min(2.4, Math.max(0.65, 1.4 + 0.36 * hand.bell()));
  const unevenness = hand.between(0.03, 0.2);
  const path = tracePath(strokes, () => radius * (1 + unevenness * 0.5 * hand.bell()));
  place(path, softness, hand);
  inkPath(path, out, side, softness);
}

/**
 * Care, proportions, slant, bow and rotation, the bow times `suppleness` (a 1 is a line: bowed it is a bracket). Only + - * / and square roots: the same bits on every machine.
 */
function distort(strokes: readonly Stroke[], hand: Hand, suppleness: number): Stroke[] {
  const care = 0.01 + 0.012 * (hand.bell() + 3) * 0.5;
  const width = 1 + 0.16 * hand.bell();
  const slant = 0.15 + 0.2 * hand.bell();
  const taper = 0.14 * hand.bell();
  const bow = 0.09 * suppleness * hand.bell();
  // Half of the angle's tangent gives a rotation without sine and cosine.
  const half = 0.045 * hand.bell();
  const cos = (1 - half * half) / (1 + half * half);
  const sin = (2 * half) / (1 + half * half);
  return strokes.map((stroke) =>
    stroke.map(({ x, y, corner }): PenPoint => {
      const v = y - 0.5 + care * hand.bell();
      const u =
        (x - 0.3 + care * hand.bell()) * width * (1 + taper * v) - slant * v + bow * (4 * v * v - 0.5);
      return { x: u * cos - v * sin, y: u * sin + v * cos, corner };
    }),
  );
}

/** Scales the path to its size in pixels, and moves the ink's centre of mass near the middle of the picture. */
function place({ points, starts }: PenPath, softness: number, hand: Hand): void {
  const n = points.length / 3;
  let [left, right, top, bottom, radius] = [Infinity, -Infinity, Infinity, -Infinity, 0];
  for (let i = 0; i < n; i++) {
    left = Math.min(left, points[3 * i]!);
    right = Math.max(right, points[3 * i]!);
    top = Math.min(top, points[3 * i + 1]!);
    bottom = Math.max(bottom, points[3 * i + 1]!);
    radius = Math.max(radius, points[3 * i + 2]!);
  }
  const margin = radius + softness / 2;
  const size = longest - (hand.chance(0.6) ? hand.between(0, 0.6) : hand.between(0, 4.5));
  const scale = (size - 2 * margin) / Math.max(right - left, bottom - top);

  let [mass, sumX, sumY] = [0, 0, 0];
  for (let stroke = 0; stroke + 1 < starts.length; stroke++) {
    for (let i = starts[stroke]!; i + 1 < starts[stroke + 1]!; i++) {
      const dx = points[3 * i + 3]! - points[3 * i]!;
      const dy = points[3 * i + 4]! - points[3 * i + 1]!;
      const ink = Math.sqrt(dx * dx + dy * dy) * (points[3 * i + 2]! + points[3 * i + 5]!);
      mass += ink;
      sumX += ink * (points[3 * i]! + dx / 2);
      sumY += ink * (points[3 * i + 1]! + dy / 2);
    }
  }
  // The centre of mass in the middle, give or take; but no ink outside the frame of one pixel.
  const shift = (mean: number, low: number, high: number) =>
    Math.min(
      side - 1 - margin - scale * high,
      Math.max(1 + margin - scale * low, side / 2 + hand.between(-1, 1) - scale * mean),
    );
  const x0 = shift(sumX / mass, left, right);
  const y0 = shift(sumY / mass, top, bottom);
  for (let i = 0; i < n; i++) {
    points[3 * i] = x0 + scale * points[3 * i]!;
    points[3 * i + 1] = y0 + scale * points[3 * i + 1]!;
  }
}
