import { integer } from '@mnist/kit';
import { createCropAndResize } from './_crop-and-resize.js';
import { attach, namedSpec } from './_define-transform.js';
import { checkTransformArguments, createPlane, setPlaneSize } from './_plane.js';
import { writeStandardised } from './_standardise.js';
import { check } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

export interface EvaluationPipelineOptions {
  /**
   * How many pixels of height and width the centred crop takes away. Default 4: 24 x 24 out of 28 x 28. (The original
   * asked for 3, and Pillow rounded its box of 1.5 ... 26.5 to the even numbers 2 ... 26.)
   */
  cropMargin?: number;
}

export const evaluationPipelineDefaults = {
  cropMargin: 4,
} as const satisfies Required<EvaluationPipelineOptions>;

/**
 * What the experiment's nets look at when they are tested: the centred crop, resized bicubically to the size of `out`
 * (rounded to 8 bits for a uint8 image, as Pillow does), then mean 0 and standard deviation 1. Draws nothing.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE
 */
export function evaluationPipeline(options?: EvaluationPipelineOptions): SeededTransform {
  const where = 'evaluationPipeline';
  const complete = check.complete<Required<EvaluationPipelineOptions>>(
    where,
    options,
    evaluationPipelineDefaults,
    { cropMargin: integer({ min: 0, max: 1024 }) },
  );
  const { cropMargin } = complete;
  const target = createPlane();
  const cropAndResize = createCropAndResize(where, cropMargin);
  return attach(
    (image, out) => {
      checkTransformArguments(image, out);
      setPlaneSize(target, out.shape[0]!, out.shape[1]!);
      cropAndResize(image, target, cropMargin >> 1, cropMargin >> 1);
      writeStandardised(target, out);
    },
    namedSpec(where, complete),
    () => ({}),
  );
}
