import type { NdArray } from 'ndarray';
import { findContent } from './_find-content.js';
import { checkImage, createPlane, isEightBit, readImage, writeImage } from './_plane.js';
import { ResizeScratch, resizePlane } from './_resize-plane.js';

/**
 * Resizes an image to the size of `out`, bit for bit as Pillow's `Image.resize(size, BICUBIC)` on 8-bit images: two
 * passes, rows first, a = -0.5, antialiased when shrinking, weights in 22-bit fixed point, each pass rounded to 0..255.
 * (Pillow 13 does columns first where an image shrinks much more in height than in width; all versions before do not.)
 * A float32 image is resized with the same weights in double precision, without rounding or limits.
 *
 * @param image uint8 or float32, [height, width]
 * @param out [new height, new width]; float32, or uint8 when the image is uint8
 * @throws AugmentError INVALID_IMAGE
 */
export function resizeBicubic(
  image: NdArray<Uint8Array | Float32Array>,
  out: NdArray<Uint8Array | Float32Array>,
): void {
  checkImage(image, 'image');
  checkImage(out, 'out');
  const target = createPlane(out.shape[0]!, out.shape[1]!);
  resizePlane(
    findContent(readImage(image, createPlane()), 0),
    target,
    isEightBit(image),
    new ResizeScratch(),
  );
  writeImage(target, out);
}
