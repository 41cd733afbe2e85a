import { setContentRow } from './_content.js';
import type { Plane } from './_plane.js';

/** Looks at every row of a plane from both ends, and notes in `plane.content` where it is not background. */
export function findContent(plane: Plane, background: number): Plane {
  const { data, height, width, stride, origin, content } = plane;
  for (let y = 0; y < height; y++) {
    const start = origin + y * stride;
    let first = 0;
    while (first < width && data[start + first] === background) first++;
    let last = width - 1;
    while (last > first && data[start + last] === background) last--;
    setContentRow(content, y, first, last);
  }
  return plane;
}
