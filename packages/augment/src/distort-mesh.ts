import { anything, integer } from '@mnist/kit';
import type { NdArray } from 'ndarray';
import { findContent } from './_find-content.js';
import { fillMeshPoints } from './_mesh-points.js';
import { checkImage, createPlane, isEightBit, readImage, writeImage } from './_plane.js';
import { createSamplePoints, samplePoints } from './_sample-points.js';
import { AugmentError, check } from './augment-error.js';

export interface DistortMeshOptions {
  /** Tiles side by side. Default 4. */
  columns?: number;
  /** Tiles above one another. Default 4. */
  rows?: number;
  /**
   * dx, dy of every inner vertex in pixels, row by row: 2 * (columns - 1) * (rows - 1) numbers. Positive: the vertex
   * shows what lies right of it, or below it.
   */
  shifts: ArrayLike<number>;
}

/**
 * Distorts an image by moving the inner vertices of a grid of tiles, bit for bit as Augmentor's `Distort`
 * (Pillow's `Image.transform(size, MESH, ..., BICUBIC)`) on 8-bit images.
 * A float32 image is sampled at the same points in double precision, without rounding or limits.
 *
 * @param image uint8 or float32, [height, width], at least one pixel a tile
 * @param out [height, width]; float32, or uint8 when the image is uint8
 * @throws AugmentError INVALID_IMAGE, INVALID_OPTION
 */
export function distortMesh(
  image: NdArray<Uint8Array | Float32Array>,
  out: NdArray<Uint8Array | Float32Array>,
  options: DistortMeshOptions,
): void {
  const where = 'distortMesh';
  const { columns, rows, shifts } = check.complete<Required<DistortMeshOptions>>(
    where,
    options,
    { columns: 4, rows: 4, shifts: [] },
    { shifts: anything },
  );
  checkImage(image, 'image');
  checkImage(out, 'out');
  const height = image.shape[0]!;
  const width = image.shape[1]!;
  check.require(where, 'columns', columns, integer({ min: 1, max: width }));
  check.require(where, 'rows', rows, integer({ min: 1, max: height }));
  const expected = 2 * (columns - 1) * (rows - 1);
  if (shifts.length !== expected || !Array.prototype.every.call(shifts, Number.isFinite)) {
    throw new AugmentError(
      'INVALID_OPTION',
      `distortMesh: shifts holds ${shifts.length} values, expected ${expected} finite numbers: dx, dy for each of the ${(columns - 1) * (rows - 1)} inner vertices of ${columns} x ${rows} tiles.`,
    );
  }
  const points = createSamplePoints(height * width);
  fillMeshPoints(points, height, width, columns, rows, shifts, 0);
  const target = createPlane(height, width);
  samplePoints(findContent(readImage(image, createPlane()), 0), points, target, isEightBit(image));
  writeImage(target, out);
}
