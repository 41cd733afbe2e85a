import type { ImageTransform } from '@mnist/dataset';
import { callback, seed as seedCheck } from '@mnist/kit';
import ndarray from 'ndarray';
import { readImages } from './_read-images.js';
import { check, EnsembleError } from './ensemble-error.js';
import type { View } from './test-time-augmentation.js';

/**
 * A view made of an image transform, such as those of @mnist/augment: `viewFrom(shift({ x: [1, 1], y: [0, 0] }))`.
 * Image i of a batch is transformed with the key { seed, epoch: 0, index: i }.
 *
 * @throws EnsembleError `INVALID_OPTION`; the view throws `INVALID_IMAGES` unless the images have one channel
 */
export function viewFrom(transform: ImageTransform, { seed = 0 }: { readonly seed?: number } = {}): View {
  check.require('viewFrom', 'transform', transform, callback);
  check.require('viewFrom', 'seed', seed, seedCheck);
  return (images) => {
    const { data, shape } = readImages(images);
    const [count, height, width, channels] = shape as [number, number, number, number];
    if (channels !== 1) {
      throw new EnsembleError(
        'INVALID_IMAGES',
        `viewFrom: the images have ${channels} channels; expected 1, which is what an image transform takes.`,
      );
    }
    const out = new Float32Array(data.length);
    for (let index = 0; index < count; index++) {
      const at = (array: Float32Array) => ndarray(array, [height, width], [width, 1], index * height * width);
      transform(at(data), at(out), { seed, epoch: 0, index });
    }
    return ndarray(out, [count, height, width, 1]);
  };
}
