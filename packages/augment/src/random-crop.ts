import type { DrawKey } from '@mnist/dataset';
import { integer } from '@mnist/kit';
import { createCropAndResize } from './_crop-and-resize.js';
import {
  completeTransform,
  defineTransform,
  drawUniform,
  type ProbabilityOption,
  toInteger,
} from './_define-transform.js';
import { checkTransformArguments, createPlane, setPlaneSize, writeImage } from './_plane.js';
import type { SeededTransform } from './seeded-transform.js';

export interface RandomCropOptions extends ProbabilityOption {
  /** How many pixels of height and width are cut off. Default 3: 25 x 25 out of 28 x 28. */
  margin?: number;
}

export const randomCropDefaults = { margin: 3 } as const satisfies Required<
  Omit<RandomCropOptions, 'probability'>
>;

/**
 * Cuts a box out of the image at a random place and resizes it bicubically to the size of `out`; a uint8 image is
 * rounded to 8 bits, bit for bit as Pillow. Draws left, then top, each a whole number uniform in 0 ... margin.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function randomCrop(options?: RandomCropOptions): SeededTransform {
  const where = 'randomCrop';
  const checks = { margin: integer({ min: 0, max: 1024 }) };
  const complete = completeTransform<Required<RandomCropOptions>>(where, options, randomCropDefaults, checks);
  const { margin } = complete;
  const uniforms = new Float64Array(2);
  const target = createPlane();
  const cropAndResize = createCropAndResize(where, margin);
  const draw = (key: DrawKey): void => {
    drawUniform(uniforms, 2, key);
    uniforms[0] = toInteger(uniforms[0]!, 0, margin);
    uniforms[1] = toInteger(uniforms[1]!, 0, margin);
  };
  return defineTransform(
    where,
    complete,
    (image, out, key) => {
      checkTransformArguments(image, out);
      draw(key);
      setPlaneSize(target, out.shape[0]!, out.shape[1]!);
      cropAndResize(image, target, uniforms[0]! | 0, uniforms[1]! | 0);
      writeImage(target, out);
    },
    (key) => {
      draw(key);
      return { left: uniforms[0]!, top: uniforms[1]! };
    },
  );
}
