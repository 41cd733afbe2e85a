import type { DrawKey } from '@mnist/dataset';
import { number } from '@mnist/kit';
import {
  completeTransform,
  defineTransform,
  drawUniform,
  type ProbabilityOption,
} from './_define-transform.js';
import { createGaussian, gaussianBlur } from './_gaussian-blur.js';
import { borderCheck } from './_options.js';
import { checkTransformArguments, createPlane, setPlaneSize, writeImage } from './_plane.js';
import { growWarpField, sampleWarp, type WarpField } from './_warp.js';
import { type Border, WarpSource } from './_warp-source.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ElasticOptions extends ProbabilityOption {
  /** Size of the displacements, in pixels before smoothing. Default 34. */
  alpha?: number;
  /** Standard deviation of the Gaussian that smooths them, in pixels, 0.1 to 100: small wrinkles, large bends. Default 4. */
  sigma?: number;
  /** What is seen beyond the border of the image: its nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const elasticDefaults = {
  alpha: 34,
  sigma: 4,
  border: 'edge',
} as const satisfies Required<Omit<ElasticOptions, 'probability'>>;

/**
 * Elastic distortion: every pixel gets a random displacement, uniform in [-1, 1] in x and in y; the two fields are
 * smoothed with a Gaussian (cut off after 3 sigma, 0 outside of the image) and multiplied by `alpha`; the image is
 * sampled there bicubically. Source: P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional
 * neural networks applied to visual document analysis", ICDAR 2003, whose values for MNIST are the defaults.
 *
 * Draws the x of every pixel of `out` row by row, then every y.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function elastic(options?: ElasticOptions): SeededTransform {
  const where = 'elastic';
  const checks = {
    alpha: number({ min: 0, max: 1e6 }),
    sigma: number({ min: 0.1, max: 100 }),
    border: borderCheck,
  };
  const complete = completeTransform<Required<ElasticOptions>>(where, options, elasticDefaults, checks);
  const { alpha, sigma, border } = complete;
  const weights = createGaussian(sigma);
  const source = new WarpSource();
  const field: WarpField = { x: new Float64Array(1), y: new Float64Array(1) };
  const target = createPlane();
  let noise = new Float64Array(0);
  let between = new Float64Array(0);
  /** Makes the displacements of all x in `field.x` and of all y in `field.y`. */
  const displace = (key: DrawKey, height: number, width: number): void => {
    const count = height * width;
    if (between.length < count) {
      noise = new Float64Array(2 * count);
      between = new Float64Array(count);
    }
    growWarpField(field, count);
    drawUniform(noise, 2 * count, key);
    for (let i = 0; i < count; i++) {
      field.x[i] = (2 * noise[i]! - 1) * alpha;
      field.y[i] = (2 * noise[count + i]! - 1) * alpha;
    }
    gaussianBlur(field.x, between, height, width, weights);
    gaussianBlur(field.y, between, height, width, weights);
  };
  return defineTransform(
    where,
    complete,
    (image, out, key) => {
      checkTransformArguments(image, out);
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      displace(key, height, width);
      source.load(image, border);
      const scaleX = source.plane.width / width;
      const scaleY = source.plane.height / height;
      let at = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, at++) {
          field.x[at] = (x + 0.5 + field.x[at]!) * scaleX - 0.5;
          field.y[at] = (y + 0.5 + field.y[at]!) * scaleY - 0.5;
        }
      }
      sampleWarp(source, field, setPlaneSize(target, height, width));
      writeImage(target, out);
    },
    () => ({}),
  );
}
