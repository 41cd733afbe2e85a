import type { DrawKey } from '@mnist/dataset';
import { number, range, share } from '@mnist/kit';
import { attach, drawUniform, namedSpec, toReal } from './_define-transform.js';
import {
  checkTransformArguments,
  createPlane,
  type Plane,
  readImage,
  setPlaneSize,
  writeImage,
} from './_plane.js';
import { check } from './augment-error.js';
import type { SeededTransform } from './seeded-transform.js';

export interface EraseOptions {
  /** How often anything is erased at all, 0 to 1. Default 0.5. */
  probability?: number;
  /** [from, to] of the erased share of the image, 0 to 1. Default [0.02, 0.2]. */
  area?: readonly [from: number, to: number];
  /** [from, to] of height over width of the box, 0.01 to 100. Default [0.3, 3.3]. */
  aspect?: readonly [from: number, to: number];
  /** What the box is filled with: a value in the unit of the image, or 'noise': uniform within the image's own range. Default 0. */
  fill?: number | 'noise';
}

export const eraseDefaults = {
  probability: 0.5,
  area: [0.02, 0.2],
  aspect: [0.3, 3.3],
  fill: 0,
} as const satisfies Required<EraseOptions>;

/**
 * Random erasing: overwrites a random box. Area uniform, aspect uniform in its logarithm, position uniform; a side
 * longer than the image is cut to it. Source: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random erasing data
 * augmentation", AAAI 2020. `out` has the size of the image.
 *
 * Draws, in this order: whether, area, aspect, left, top, then the noise.
 *
 * @throws AugmentError INVALID_OPTION; the transform throws INVALID_IMAGE and INVALID_KEY
 */
export function erase(options?: EraseOptions): SeededTransform {
  const where = 'erase';
  const complete = check.complete<Required<EraseOptions>>(where, options, eraseDefaults, {
    probability: share,
    area: range({ min: 0, max: 1 }),
    aspect: range({ min: 0.01, max: 100 }),
    fill: (value) => (value === 'noise' || number()(value) === undefined ? undefined : "a number or 'noise'"),
  });
  const { probability, area, aspect, fill } = complete;
  const [areaFrom, areaTo] = area;
  const logFrom = Math.log(aspect[0]);
  const logTo = Math.log(aspect[1]);
  const plane = createPlane();
  let uniforms = new Float64Array(5);
  const draw = (key: DrawKey, noise: number): void => {
    if (uniforms.length < 5 + noise) uniforms = new Float64Array(5 + noise);
    drawUniform(uniforms, 5 + noise, key);
  };
  return attach(
    (image, out, key) => {
      checkTransformArguments(image, out);
      setPlaneSize(plane, image.shape[0]!, image.shape[1]!);
      const { height, width } = plane;
      readImage(image, plane);
      draw(key, fill === 'noise' ? height * width : 0);
      if (uniforms[0]! < probability) {
        const pixels = toReal(uniforms[1]!, areaFrom, areaTo) * height * width;
        const ratio = Math.exp(toReal(uniforms[2]!, logFrom, logTo));
        const boxHeight = Math.min(Math.round(Math.sqrt(pixels * ratio)), height);
        const boxWidth = Math.min(Math.round(Math.sqrt(pixels / ratio)), width);
        const left = Math.floor(uniforms[3]! * (width - boxWidth + 1));
        const top = Math.floor(uniforms[4]! * (height - boxHeight + 1));
        if (fill === 'noise') fillWithNoise(plane, left, top, boxWidth, boxHeight, uniforms);
        else fillWithValue(plane, left, top, boxWidth, boxHeight, fill);
      }
      writeImage(plane, out);
    },
    namedSpec(where, complete),
    (key) => {
      draw(key, 0);
      return {
        erased: uniforms[0]! < probability,
        area: toReal(uniforms[1]!, areaFrom, areaTo),
        aspect: Math.exp(toReal(uniforms[2]!, logFrom, logTo)),
        leftShare: uniforms[3]!,
        topShare: uniforms[4]!,
      };
    },
  );
}

function fillWithValue(
  { data, origin, stride }: Plane,
  left: number,
  top: number,
  width: number,
  height: number,
  value: number,
): void {
  for (let y = top; y < top + height; y++) {
    const start = origin + y * stride + left;
    data.fill(value, start, start + width);
  }
}

/** Uniform within the range of the image; the noise of pixel i, counted row by row, is uniforms[5 + i]. */
function fillWithNoise(
  plane: Plane,
  left: number,
  top: number,
  width: number,
  height: number,
  uniforms: Float64Array,
): void {
  const { data, origin, stride } = plane;
  let low = data[origin]!;
  let high = low;
  for (let y = 0; y < plane.height; y++) {
    const row = origin + y * stride;
    for (let at = row; at < row + plane.width; at++) {
      low = Math.min(low, data[at]!);
      high = Math.max(high, data[at]!);
    }
  }
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      data[origin + y * stride + x] = toReal(uniforms[5 + y * plane.width + x]!, low, high);
    }
  }
}
