import type { ImageTransform } from '@mnist/dataset';
import ndarray from 'ndarray';
import { AugmentError } from './augment-error.js';

/** Images of a data set as plain memory: [count, height, width], row-major. */
export interface ImageStore {
  readonly pixels: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
}

export type FillBatch = (indices: Uint32Array, epoch: number, target: Float32Array) => void;

/**
 * Makes the function that transforms the images of one batch into `target`, [size, out height, out width].
 * The same function runs in the training thread and in every worker.
 */
export function createFillBatch(
  { pixels, height, width }: ImageStore,
  transform: ImageTransform,
  seed: number,
  outHeight: number,
  outWidth: number,
): FillBatch {
  const imageLength = height * width;
  const outLength = outHeight * outWidth;
  const image = ndarray(pixels, [height, width]);
  const key = { seed, epoch: 0, index: 0 };
  return (indices, epoch, target) => {
    const out = ndarray(target, [outHeight, outWidth]);
    key.epoch = epoch;
    for (let i = 0; i < indices.length; i++) {
      key.index = indices[i]!;
      image.offset = key.index * imageLength;
      out.offset = i * outLength;
      try {
        transform(image, out, key);
      } catch (cause) {
        throw new AugmentError(
          'TRANSFORM_FAILED',
          `The transform failed on image ${key.index} of the data set (seed ${seed}, epoch ${epoch}): ${cause instanceof Error ? cause.message : String(cause)}`,
          { imageIndex: key.index, cause },
        );
      }
    }
  };
}
