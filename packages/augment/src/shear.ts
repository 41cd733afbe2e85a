import { defineAffine } from './_define-affine.js';
import { toReal } from './_define-transform.js';
import { checkChoice, completeOptions, completeSpan, type Span } from './_options.js';
import type { Border } from './_warp-source.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ShearOptions {
  /** Slant of upright lines in degrees, to the right: the largest either way, or [from, to], within 80. Default 10. */
  degrees?: Span;
  /** What comes in from outside: the nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const shearDefaults = { degrees: 10, border: 'edge' } as const satisfies Required<ShearOptions>;

/**
 * Slants an image to the left or right about its centre by a random angle, uniform, with bicubic sampling; rows stay
 * rows. Draws the angle.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function shear(options?: ShearOptions): SeededTransform {
  const where = 'shear';
  const complete = completeOptions<Required<ShearOptions>>(where, options, shearDefaults);
  const [from, to] = completeSpan(where, 'degrees', complete.degrees, -80, 80);
  checkChoice(where, 'border', complete.border, ['edge', 'zero']);
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
