import type { Plane } from './_plane.js';

/** Copies the box of `target`'s size at (left, top) of `source`; what lies outside of the source is 0, as in Pillow. */
export function cropPlane(source: Plane, target: Plane, left: number, top: number): void {
  const from = source.data;
  const to = target.data;
  let at = 0;
  for (let y = top; y < top + target.height; y++) {
    const rowInside = y >= 0 && y < source.height;
    for (let x = left; x < left + target.width; x++) {
      to[at++] = rowInside && x >= 0 && x < source.width ? from[y * source.width + x]! : 0;
    }
  }
}
