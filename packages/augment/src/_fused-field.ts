import type { WarpField } from './_warp.js';

/** What holds for the whole image. */
export interface FusedFrame {
  /** Side of the crop over the side of the source. */
  crop: number;
  /** How far the crop is from the centre, in source pixels. */
  shiftX: number;
  shiftY: number;
  /** Counter-clockwise. */
  radians: number;
}

/**
 * Crop, zoom, mesh distortion and rotation as one map from the pixels of a [height, width] result to points of a
 * [sourceHeight, sourceWidth] source. The original does crop -> distort -> rotate on pictures; walking back from a
 * pixel of the result, the rotation comes first.
 *
 * @param frame what is drawn for the whole image; an object, because V8 allocates for doubles passed as arguments
 * @param shifts dx, dy of the inner mesh vertices, row by row, in pixels of the result
 * @param vertices working memory for the (tiles + 1)^2 vertices, zeros on its border
 */
export function fillFusedField(
  field: WarpField,
  height: number,
  width: number,
  sourceHeight: number,
  sourceWidth: number,
  frame: FusedFrame,
  tiles: number,
  shifts: Float64Array,
  vertices: Float64Array,
): void {
  const xs = field.x;
  const ys = field.y;
  const { crop, radians } = frame;
  const left = ((1 - crop) * sourceWidth) / 2 + frame.shiftX;
  const top = ((1 - crop) * sourceHeight) / 2 + frame.shiftY;
  // As innerRectangleScale(), written out for the same reason as `frame`.
  const wholeCos = Math.cos(radians);
  const wholeSin = Math.sin(radians);
  const turnedWidth = width * Math.abs(wholeCos) + height * Math.abs(wholeSin);
  const turnedHeight = height * Math.abs(wholeCos) + width * Math.abs(wholeSin);
  const inner = Math.min(width / turnedWidth, height / turnedHeight);
  const cos = wholeCos * inner;
  const sin = wholeSin * inner;
  const zoomX = (crop * sourceWidth) / width;
  const zoomY = (crop * sourceHeight) / height;
  const perTileX = tiles / width;
  const perTileY = tiles / height;
  const lastTile = tiles - 1;
  const row = 2 * (tiles + 1);
  spreadVertices(shifts, vertices, tiles);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const v = y + 0.5 - height / 2;
    const startX = width / 2 - sin * v;
    const startY = height / 2 + cos * v;
    for (let x = 0; x < width; x++, at++) {
      const u = x + 0.5 - width / 2;
      const px = startX + cos * u;
      const py = startY + sin * u;
      const gx = px * perTileX;
      const gy = py * perTileY;
      const tileX = gx < 0 ? 0 : gx > lastTile ? lastTile : gx | 0;
      const tileY = gy < 0 ? 0 : gy > lastTile ? lastTile : gy | 0;
      const fx = gx - tileX;
      const fy = gy - tileY;
      const nw = tileY * row + 2 * tileX;
      const sw = nw + row;
      const northX = vertices[nw]! + fx * (vertices[nw + 2]! - vertices[nw]!);
      const southX = vertices[sw]! + fx * (vertices[sw + 2]! - vertices[sw]!);
      const northY = vertices[nw + 1]! + fx * (vertices[nw + 3]! - vertices[nw + 1]!);
      const southY = vertices[sw + 1]! + fx * (vertices[sw + 3]! - vertices[sw + 1]!);
      xs[at] = (px + northX + fy * (southX - northX)) * zoomX + left - 0.5;
      ys[at] = (py + northY + fy * (southY - northY)) * zoomY + top - 0.5;
    }
  }
}

/** From the shifts of the inner vertices to those of all (tiles + 1)^2: the vertices on the border of the mesh stay. */
function spreadVertices(shifts: Float64Array, vertices: Float64Array, tiles: number): void {
  let from = 0;
  for (let row = 1; row < tiles; row++) {
    let to = 2 * (row * (tiles + 1) + 1);
    for (let column = 1; column < tiles; column++, to += 2, from += 2) {
      vertices[to] = shifts[from]!;
      vertices[to + 1] = shifts[from + 1]!;
    }
  }
}
