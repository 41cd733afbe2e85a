import { flag } from '@mnist/kit';
import { defineAffine } from './_define-affine.js';
import { completeTransform, type ProbabilityOption, toReal } from './_define-transform.js';
import { innerRectangleScale } from './_inner-rectangle.js';
import { borderCheck, ends, type Span, span } from './_options.js';
import type { Border } from './_warp-source.js';
import type { SeededTransform } from './seeded-transform.js';

export interface RotateOptions extends ProbabilityOption {
  /** Angle in degrees, counter-clockwise: the largest either way, or [from, to]. Default 10. */
  degrees?: Span;
  /** Zooms in until no corner shows the outside of the image, as `rotateAndFill` does. Default false. */
  fillFrame?: boolean;
  /** What the corners show: the nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const rotateDefaults = {
  degrees: 10,
  fillFrame: false,
  border: 'edge',
} as const satisfies Required<Omit<RotateOptions, 'probability'>>;

/**
 * Turns an image about its centre by a random angle, uniform, with bicubic sampling. Draws the angle.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function rotate(options?: RotateOptions): SeededTransform {
  const where = 'rotate';
  const checks = { degrees: span(-360, 360), fillFrame: flag, border: borderCheck };
  const complete = completeTransform<Required<RotateOptions>>(where, options, rotateDefaults, checks);
  const { fillFrame } = complete;
  const [from, to] = ends(complete.degrees);
  return defineAffine({
    name: where,
    options: complete,
    draws: 1,
    draw(uniforms, map, height, width) {
      const radians = (toReal(uniforms[0]!, from, to) * Math.PI) / 180;
      const scale = fillFrame ? innerRectangleScale(height, width, radians) : 1;
      map.xx = Math.cos(radians) * scale;
      map.xy = -Math.sin(radians) * scale;
      map.yx = Math.sin(radians) * scale;
      map.yy = Math.cos(radians) * scale;
    },
    describe: (uniforms) => ({ degrees: toReal(uniforms[0]!, from, to) }),
  });
}
