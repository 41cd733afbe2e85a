import type { DrawKey } from '@mnist/dataset';
import {
  completeTransform,
  defineTransform,
  drawUniform,
  type ProbabilityOption,
  toReal,
} from './_define-transform.js';
import { ends, type Span, span } from './_options.js';
import {
  checkTransformArguments,
  createPlane,
  type Plane,
  readImage,
  setPlaneSize,
  writeImage,
} from './_plane.js';
import type { SeededTransform } from './seeded-transform.js';

export interface ThicknessOptions extends ProbabilityOption {
  /**
   * By how many pixels bright strokes grow on each side (negative: shrink): the largest change either way, or
   * [from, to], within 8. Default [-0.5, 0.7].
   */
  amount?: Span;
}

export const thicknessDefaults = { amount: [-0.5, 0.7] } as const satisfies Required<
  Omit<ThicknessOptions, 'probability'>
>;

/**
 * Makes bright strokes on dark ground thicker or thinner by a random amount, uniform. Grey-scale dilation (erosion)
 * by the pixel's four neighbours, once for each whole pixel; the fraction mixes the last two results. Source: J. Serra,
 * "Image analysis and mathematical morphology", 1982. `out` has the size of the image. Draws the amount.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function thickness(options?: ThicknessOptions): SeededTransform {
  const where = 'thickness';
  const checks = { amount: span(-8, 8) };
  const complete = completeTransform<Required<ThicknessOptions>>(where, options, thicknessDefaults, checks);
  const [from, to] = ends(complete.amount);
  const uniforms = new Float64Array(1);
  const amountOf = (key: DrawKey): number => {
    drawUniform(uniforms, 1, key);
    return toReal(uniforms[0]!, from, to);
  };
  const planes = [createPlane(), createPlane()] as const;
  return defineTransform(
    where,
    complete,
    (image, out, key) => {
      checkTransformArguments(image, out);
      const amount = amountOf(key);
      const sign = amount < 0 ? -1 : 1;
      let [now, next] = planes;
      readImage(image, now);
      setPlaneSize(next, now.height, now.width);
      for (let left = Math.abs(amount); left > 0; left--) {
        growStrokes(now, next, sign, Math.min(left, 1));
        [now, next] = [next, now];
      }
      writeImage(now, out);
    },
    (key) => ({ amount: amountOf(key) }),
  );
}

/** One dilation (sign 1) or erosion (sign -1), mixed with the image as it was: share 1 is the pure one. */
function growStrokes(source: Plane, target: Plane, sign: number, share: number): void {
  const { data, height, width, stride, origin } = source;
  const to = target.data;
  for (let y = 0; y < height; y++) {
    let at = origin + y * stride;
    for (let x = 0; x < width; x++, at++) {
      const own = data[at]! * sign;
      let most = own;
      if (x > 0 && data[at - 1]! * sign > most) most = data[at - 1]! * sign;
      if (x < width - 1 && data[at + 1]! * sign > most) most = data[at + 1]! * sign;
      if (y > 0 && data[at - stride]! * sign > most) most = data[at - stride]! * sign;
      if (y < height - 1 && data[at + stride]! * sign > most) most = data[at + stride]! * sign;
      to[at] = (own + (most - own) * share) * sign;
    }
  }
}
