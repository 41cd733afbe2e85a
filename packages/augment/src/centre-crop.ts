import { integer } from '@mnist/kit';
import { createCropAndResize } from './_crop-and-resize.js';
import { completeTransform, defineTransform, type ProbabilityOption } from './_define-transform.js';
import { checkTransformArguments, createPlane, setPlaneSize, writeImage } from './_plane.js';
import type { SeededTransform } from './seeded-transform.js';

export interface CentreCropOptions extends ProbabilityOption {
  /** How many pixels of height and width are cut off; of an odd number, the larger half right and below. Default 4. */
  margin?: number;
}

export const centreCropDefaults = { margin: 4 } as const satisfies Required<
  Omit<CentreCropOptions, 'probability'>
>;

/**
 * Cuts the box in the middle out of the image and resizes it bicubically to the size of `out`; a uint8 image is
 * rounded to 8 bits, bit for bit as Pillow. Draws nothing.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE
 */
export function centreCrop(options?: CentreCropOptions): SeededTransform {
  const where = 'centreCrop';
  const checks = { margin: integer({ min: 0, max: 1024 }) };
  const complete = completeTransform<Required<CentreCropOptions>>(where, options, centreCropDefaults, checks);
  const { margin } = complete;
  const target = createPlane();
  const cropAndResize = createCropAndResize(where, margin);
  return defineTransform(
    where,
    complete,
    (image, out) => {
      checkTransformArguments(image, out);
      setPlaneSize(target, out.shape[0]!, out.shape[1]!);
      cropAndResize(image, target, margin >> 1, margin >> 1);
      writeImage(target, out);
    },
    () => ({}),
  );
}
