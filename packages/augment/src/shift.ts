import { flag } from '@mnist/kit';
import { defineAffine } from './_define-affine.js';
import { completeTransform, type ProbabilityOption, toInteger, toReal } from './_define-transform.js';
import { borderCheck, ends, type Span, span } from './_options.js';
import type { Border } from './_warp-source.js';
import { AugmentError } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ShiftOptions extends ProbabilityOption {
  /** To the right, in pixels: the largest shift either way, or [from, to]. Default 2. */
  x?: Span;
  /** Downwards, in pixels: the largest shift either way, or [from, to]. Default 2. */
  y?: Span;
  /** Only shifts by whole pixels; both ends of the ranges must then be whole. Default false. */
  integer?: boolean;
  /** What comes in from outside: the nearest pixel ('edge') or 0 ('zero'). Default 'edge'. */
  border?: Border;
}

export const shiftDefaults = {
  x: 2,
  y: 2,
  integer: false,
  border: 'edge',
} as const satisfies Required<Omit<ShiftOptions, 'probability'>>;

/**
 * Moves an image by a random distance, uniform in each direction, with bicubic sampling between pixels.
 * Draws x, then y.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function shift(options?: ShiftOptions): SeededTransform {
  const where = 'shift';
  const pixels = span(-1024, 1024);
  const checks = { x: pixels, y: pixels, integer: flag, border: borderCheck };
  const complete = completeTransform<Required<ShiftOptions>>(where, options, shiftDefaults, checks);
  const { integer } = complete;
  const x = ends(complete.x);
  const y = ends(complete.y);
  if (integer && ![...x, ...y].every(Number.isInteger)) {
    throw new AugmentError(
      'INVALID_OPTION',
      `shift: x is [${x}] and y is [${y}], expected whole pixels with integer: true.`,
    );
  }
  const pick = integer ? toInteger : toReal;
  return defineAffine({
    name: where,
    options: complete,
    draws: 2,
    draw(uniforms, map) {
      map.x = -pick(uniforms[0]!, x[0], x[1]);
      map.y = -pick(uniforms[1]!, y[0], y[1]);
    },
    describe: (uniforms) => ({
      x: pick(uniforms[0]!, x[0], x[1]),
      y: pick(uniforms[1]!, y[0], y[1]),
    }),
  });
}
