import { defineAffine } from './_define-affine.js';
import { completeTransform, type ProbabilityOption, toReal } from './_define-transform.js';
import { borderCheck, ends, type Span, span } from './_options.js';
import type { Border } from './_warp-source.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ShearOptions extends ProbabilityOption {
  /** Slant of upright lines in degrees, to the right: the largest either way, or [from, to], within 80. Default 10. */
  degrees?: Span;
  /** What comes in from outside: the nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const shearDefaults = { degrees: 10, border: 'edge' } as const satisfies Required<
  Omit<ShearOptions, 'probability'>
>;

/**
 * Slants an image to the left or right about its centre by a random angle, uniform, with bicubic sampling; rows stay
 * rows. Draws the angle.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function shear(options?: ShearOptions): SeededTransform {
  const where = 'shear';
  const checks = { degrees: span(-80, 80), border: borderCheck };
  const complete = completeTransform<Required<ShearOptions>>(where, options, shearDefaults, checks);
  const [from, to] = ends(complete.degrees);
  return defineAffine({
    name: where,
    options: complete,
    draws: 1,
    draw(uniforms, map) {
      map.xy = Math.tan((toReal(uniforms[0]!, from, to) * Math.PI) / 180);
    },
    describe: (uniforms) => ({ degrees: toReal(uniforms[0]!, from, to) }),
  });
}
