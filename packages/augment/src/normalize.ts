import { attach } from './_define-transform.js';
import { checkTransformArguments, createPlane, readImage } from './_plane.js';
import { writeStandardised } from './_standardise.js';
import { AugmentError } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

const plane = createPlane();

/**
 * Shifts and scales an image to mean 0 and standard deviation 1 (biased: the sum of squares over the number of pixels).
 * The unit cancels out: 0..255 and 0..1 give the same result. An image of one single value becomes all zeros.
 * Draws nothing; stands in a `compose` like every other transform, as the last step.
 *
 * @param image uint8 or float32, [height, width]
 * @param out float32, [height, width]; may be the image itself
 * @throws AugmentError INVALID_IMAGE
 */
export const normalize: SeededTransform = attach(
  (image, out) => {
    checkTransformArguments(image, out);
    if (image.shape[0] !== out.shape[0] || image.shape[1] !== out.shape[1]) {
      throw new AugmentError(
        'INVALID_IMAGE',
        `out has shape [${out.shape.join(', ')}], expected that of the image, [${image.shape.join(', ')}].`,
      );
    }
    writeStandardised(readImage(image, plane), out);
  },
  { transform: 'normalize' },
  () => ({}),
);
