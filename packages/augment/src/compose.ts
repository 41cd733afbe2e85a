import type { DrawKey, ImageTransform } from '@mnist/dataset';
import ndarray, { type NdArray } from 'ndarray';
import { attach, checkKey, seedOfStep } from './_define-transform.js';
import { AugmentError } from './augment-error.js';
import type { DrawnParameters, SeededTransform, TransformSpec } from './seeded-transform.js';

/**
 * Transforms one after the other: `compose(shift(), elastic(), normalize)`. Step `i` draws from a stream of its own,
 * derived from the key's seed and `i`, so that two equal steps draw different numbers. All steps but the last write
 * float32 images of the size of `out`.
 *
 * @param steps at least one; a step without a `spec` (a plain function) makes the composition unfit for workers
 * @throws AugmentError INVALID_OPTION when a step is not a function
 */
export function compose(...steps: readonly ImageTransform[]): SeededTransform {
  if (steps.length === 0) {
    throw new AugmentError(
      'INVALID_OPTION',
      'compose() got no steps. Expected: compose(shift(), normalize).',
    );
  }
  for (const [i, step] of steps.entries()) {
    if (typeof step !== 'function') {
      throw new AugmentError(
        'INVALID_OPTION',
        `compose: step ${i} is ${typeof step}, expected an image transform.`,
      );
    }
  }
  const specs = steps.map((step) => (step as Partial<SeededTransform>).spec);
  const complete = specs.every((spec): spec is TransformSpec => spec !== undefined);
  const seeds = new Float64Array(steps.length);
  let seedsOf = Number.NaN;
  const stepKey = { seed: 0, epoch: 0, index: 0 };
  const keyOf = (key: DrawKey, step: number): DrawKey => {
    if (checkKey(key).seed !== seedsOf) {
      seedsOf = key.seed;
      for (let i = 0; i < seeds.length; i++) seeds[i] = seedOfStep(key.seed, i);
    }
    stepKey.seed = Number.isSafeInteger(key.seed) ? seeds[step]! : key.seed;
    stepKey.epoch = key.epoch;
    stepKey.index = key.index;
    return stepKey;
  };

  let between: NdArray<Float32Array>[] = [];
  let betweenHeight = 0;
  let betweenWidth = 0;
  const last = steps.length - 1;
  return attach(
    (image, out, key) => {
      const height = out.shape[0]!;
      const width = out.shape[1]!;
      if (last > 0 && (height !== betweenHeight || width !== betweenWidth)) {
        between = [0, 1].map(() => ndarray(new Float32Array(height * width), [height, width]));
        betweenHeight = height;
        betweenWidth = width;
      }
      let from: NdArray<Uint8Array | Float32Array> = image;
      for (let i = 0; i <= last; i++) {
        const to = i === last ? out : between[i & 1]!;
        steps[i]!(from, to, keyOf(key, i));
        from = to;
      }
    },
    complete ? { steps: specs } : undefined,
    (key) => {
      const drawn: Record<string, number | boolean | readonly number[]> = {};
      for (const [i, step] of steps.entries()) {
        const own: DrawnParameters = (step as Partial<SeededTransform>).parameters?.(keyOf(key, i)) ?? {};
        for (const [name, value] of Object.entries(own)) drawn[`${i}.${name}`] = value;
      }
      return drawn;
    },
  );
}
