import type { NdArray } from 'ndarray';
import { cropPlane } from './_crop-plane.js';
import { checkInteger, completeOptions } from './_options.js';
import { checkImage, createPlane, readImage, writeImage } from './_plane.js';

export interface CropOptions {
  /** Column of the image that becomes column 0, in pixels; may lie outside of the image. */
  left: number;
  /** Row of the image that becomes row 0, in pixels; may lie outside of the image. */
  top: number;
}

const farthest = 1 << 24;

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
  const { left, top } = completeOptions('crop', options, { left: Number.NaN, top: Number.NaN });
  checkInteger('crop', 'left', left, -farthest, farthest);
  checkInteger('crop', 'top', top, -farthest, farthest);
  checkImage(image, 'image');
  checkImage(out, 'out');
  const target = createPlane(out.shape[0]!, out.shape[1]!);
  cropPlane(readImage(image, createPlane()), target, left, top);
  writeImage(target, out);
}
