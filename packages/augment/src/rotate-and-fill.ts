import { number, required } from '@mnist/kit';
import type { NdArray } from 'ndarray';
import { findContent } from './_find-content.js';
import { checkImage, createPlane, isEightBit, readImage, writeImage } from './_plane.js';
import { ResizeScratch } from './_resize-plane.js';
import { RotateScratch, rotatePlane } from './_rotate-plane.js';
import { createSamplePoints } from './_sample-points.js';
import { AugmentError, check } from './augment-error.js';

export interface RotateAndFillOptions {
  /** Angle in degrees, counter-clockwise, from -45 to 45. */
  degrees: number;
}

/**
 * Rotates an image and fills its frame again, bit for bit as Augmentor's `RotateRange` on 8-bit images: Pillow's
 * bicubic rotation on an expanded canvas, the inner rectangle cut out, bicubic resize back to the old size.
 * A float32 image goes through the same steps in double precision, without rounding or limits.
 *
 * @param image uint8 or float32, [height, width]
 * @param out [height, width]; float32, or uint8 when the image is uint8
 * @throws AugmentError INVALID_IMAGE, INVALID_OPTION (also where no inner rectangle is left)
 */
export function rotateAndFill(
  image: NdArray<Uint8Array | Float32Array>,
  out: NdArray<Uint8Array | Float32Array>,
  options: RotateAndFillOptions,
): void {
  const { degrees } = check.complete<RotateAndFillOptions>(
    'rotateAndFill',
    options,
    {},
    { degrees: required(number({ min: -45, max: 45 })) },
  );
  checkImage(image, 'image');
  checkImage(out, 'out');
  const plane = findContent(readImage(image, createPlane()), 0);
  const scratch = new RotateScratch(createPlane(), createSamplePoints(1), new ResizeScratch());
  if (!rotatePlane(plane, degrees, isEightBit(image), scratch)) {
    throw new AugmentError(
      'INVALID_OPTION',
      `rotateAndFill: no inner rectangle is left of a ${plane.width} x ${plane.height} image turned by ${degrees} degrees. Use a smaller angle, or rotate(), which keeps the whole frame.`,
    );
  }
  writeImage(plane, out);
}
