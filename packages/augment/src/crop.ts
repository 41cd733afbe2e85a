import { integer, required } from '@mnist/kit';
import type { NdArray } from 'ndarray';
import { checkImage, createPlane, type Plane, readImage, writeImage } from './_plane.js';
import { check } from './augment-error.js';

export interface CropOptions {
  /** Column of the image that becomes column 0, in pixels; may lie outside of the image. */
  left: number;
  /** Row of the image that becomes row 0, in pixels; may lie outside of the image. */
  top: number;
}

const place = required(integer({ min: -(2 ** 24), max: 2 ** 24 }));

/**
 * Copies a box out of an image, bit for bit as Pillow's `Image.crop`: the box has the size of `out`, and what lies
 * outside of the image is 0.
 *
 * @param image uint8 or float32, [height, width]
 * @param out uint8 or float32, [box height, box width]
 * @throws AugmentError INVALID_IMAGE, INVALID_OPTION
 */
export function crop(
  image: NdArray<Uint8Array | Float32Array>,
  out: NdArray<Uint8Array | Float32Array>,
  options: CropOptions,
): void {
  const { left, top } = check.complete<CropOptions>('crop', options, {}, { left: place, top: place });
  checkImage(image, 'image');
  checkImage(out, 'out');
  const target = createPlane(out.shape[0]!, out.shape[1]!);
  cropPlane(readImage(image, createPlane()), target, left, top);
  writeImage(target, out);
}

/** Copies the box of `target`'s size at (left, top) of `source`; what lies outside of the source is 0, as in Pillow. */
function cropPlane(source: Plane, target: Plane, left: number, top: number): void {
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
