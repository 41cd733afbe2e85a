import { flag, range } from '@mnist/kit';
import { defineAffine } from './_define-affine.js';
import { completeTransform, type ProbabilityOption, toReal } from './_define-transform.js';
import { borderCheck } from './_options.js';
import type { Border } from './_warp-source.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ZoomOptions extends ProbabilityOption {
  /** [from, to] of the enlargement; 1 leaves the image alone, 1.1 makes it a tenth larger. 0.01 to 100. Default [0.9, 1.1]. */
  factor?: readonly [from: number, to: number];
  /** Draws one factor for x and another one for y. Default false. */
  independent?: boolean;
  /** What comes in from outside below 1: the nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const zoomDefaults = {
  factor: [0.9, 1.1],
  independent: false,
  border: 'edge',
} as const satisfies Required<Omit<ZoomOptions, 'probability'>>;

/**
 * Enlarges or shrinks an image about its centre by a random factor, uniform, with bicubic sampling (no antialiasing:
 * meant for factors near 1). Draws the factor of x, then that of y.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function zoom(options?: ZoomOptions): SeededTransform {
  const where = 'zoom';
  const checks = { factor: range({ min: 0.01, max: 100 }), independent: flag, border: borderCheck };
  const complete = completeTransform<Required<ZoomOptions>>(where, options, zoomDefaults, checks);
  const { independent } = complete;
  const [from, to] = complete.factor;
  const ofY = independent ? 1 : 0;
  return defineAffine({
    name: where,
    options: complete,
    draws: 2,
    draw(uniforms, map) {
      map.xx = 1 / toReal(uniforms[0]!, from, to);
      map.yy = 1 / toReal(uniforms[ofY]!, from, to);
    },
    describe: (uniforms) => ({
      factorX: toReal(uniforms[0]!, from, to),
      factorY: toReal(uniforms[ofY]!, from, to),
    }),
  });
}
