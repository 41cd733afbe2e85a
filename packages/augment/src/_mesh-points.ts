import type { SamplePoints } from './_sample-points.js';

/**
 * Where each pixel of a [height, width] image comes from when the inner vertices of a grid of tiles move: every tile
 * shows the quadrilateral between its four (moved) vertices, mapped bilinearly. Tiles are floor(size / count) pixels
 * and the last one takes the rest, as in Augmentor's `Distort`; the arithmetic is that of Pillow's QUAD transform.
 *
 * @param shifts dx, dy of each inner vertex in pixels, row by row: 2 * (columns - 1) * (rows - 1) numbers from `start`
 */
export function fillMeshPoints(
  points: SamplePoints,
  height: number,
  width: number,
  columns: number,
  rows: number,
  shifts: ArrayLike<number>,
  start: number,
): void {
  const tileWidth = Math.floor(width / columns);
  const tileHeight = Math.floor(height / rows);
  const { x: xs, y: ys } = points;
  const inner = columns - 1;
  // Points between vertices that stay inside stay inside.
  let allInside = true;
  for (let vertex = 0; vertex < inner * (rows - 1); vertex++) {
    const x = ((vertex % inner) + 1) * tileWidth + shifts[start + 2 * vertex]!;
    const y = (Math.floor(vertex / inner) + 1) * tileHeight + shifts[start + 2 * vertex + 1]!;
    allInside = allInside && x >= 0 && x < width && y >= 0 && y < height;
  }
  for (let row = 0; row < rows; row++) {
    const y0 = row * tileHeight;
    const y1 = row === rows - 1 ? height : y0 + tileHeight;
    for (let column = 0; column < columns; column++) {
      const x0 = column * tileWidth;
      const x1 = column === columns - 1 ? width : x0 + tileWidth;
      // Positions in `shifts` of the tile's corners; a vertex on the border of the image has none and stays.
      const nw = row > 0 && column > 0 ? start + 2 * ((row - 1) * inner + column - 1) : -1;
      const ne = row > 0 && column < inner ? start + 2 * ((row - 1) * inner + column) : -1;
      const sw = row < rows - 1 && column > 0 ? start + 2 * (row * inner + column - 1) : -1;
      const se = row < rows - 1 && column < inner ? start + 2 * (row * inner + column) : -1;
      const nwX = nw < 0 ? x0 : x0 + shifts[nw]!;
      const nwY = nw < 0 ? y0 : y0 + shifts[nw + 1]!;
      const neX = ne < 0 ? x1 : x1 + shifts[ne]!;
      const neY = ne < 0 ? y0 : y0 + shifts[ne + 1]!;
      const swX = sw < 0 ? x0 : x0 + shifts[sw]!;
      const swY = sw < 0 ? y1 : y1 + shifts[sw + 1]!;
      const seX = se < 0 ? x1 : x1 + shifts[se]!;
      const seY = se < 0 ? y1 : y1 + shifts[se + 1]!;
      const perColumn = 1 / (x1 - x0);
      const perRow = 1 / (y1 - y0);
      const a1 = (neX - nwX) * perColumn;
      const a2 = (swX - nwX) * perRow;
      const a3 = (seX - swX - neX + nwX) * perColumn * perRow;
      const b1 = (neY - nwY) * perColumn;
      const b2 = (swY - nwY) * perRow;
      const b3 = (seY - swY - neY + nwY) * perColumn * perRow;
      for (let y = y0; y < y1; y++) {
        const v = y - y0 + 0.5;
        let at = y * width + x0;
        for (let x = x0; x < x1; x++, at++) {
          const u = x - x0 + 0.5;
          const px = nwX + a1 * u + a2 * v + a3 * u * v;
          const py = nwY + b1 * u + b2 * v + b3 * u * v;
          xs[at] = px;
          ys[at] = py;
          if (!allInside && !(px >= 0 && px < width && py >= 0 && py < height)) xs[at] = -1;
        }
      }
    }
  }
}
