import type { Plane } from './_plane.js';

/** Copies the box of `target`'s size at (left, top) of `source`; what lies outside of the source is 0, as in Pillow. */
export function cropPlane(source: Plane, target: Plane, left: number, top: number): void {
  for (let y = 0; y < target.height; y++) {
    const from = source.origin + (y + top) * source.stride + left;
    const to = target.origin + y * target.stride;
    const rowInside = y + top >= 0 && y + top < source.height;
    for (let x = 0; x < target.width; x++) {
      const inside = rowInside && x + left >= 0 && x + left < source.width;
      target.data[to + x] = inside ? source.data[from + x]! : 0;
    }
  }
}
