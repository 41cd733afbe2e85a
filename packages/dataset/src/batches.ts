import { callback, integer } from '@mnist/kit';
import ndarray from 'ndarray';
import type { Batch, BatchSource, ImageTransform } from './batch.js';
import { check, DatasetError } from './dataset-error.js';
import type { ImageDataset } from './image-dataset.js';
import { type PlanOptions, planBatches, planOptionNames } from './plan-batches.js';

export interface BatchesOptions extends PlanOptions {
  /** Makes a training image of a stored one. Default: `scaleToUnit`, uint8 0...255 to float32 0...1. */
  readonly transform?: ImageTransform;
  /** [height, width] of the images that the transform writes, in pixels. Default: that of the data set. */
  readonly outputSize?: readonly [height: number, width: number];
}

/** Batches made in the calling thread: a `BatchSource`, and iterable itself from the first batch. */
export interface Batches extends BatchSource, Iterable<Batch> {
  iterate(start?: number): IterableIterator<Batch>;
}

/**
 * Batches of a data set, shuffled and transformed. Each iteration owns one buffer that every batch reuses.
 *
 * @throws DatasetError `INVALID_OPTION`, `BAD_LABELS`
 */
export function batches(dataset: ImageDataset, options: BatchesOptions): Batches {
  const where = 'batches';
  check.refuseUnknown(where, options, [...planOptionNames, 'transform', 'outputSize']);
  const { transform = scaleToUnit, outputSize, ...planOptions } = options;
  check.require(where, 'transform', transform, callback);
  const [count, height, width] = dataset.images.shape as [number, number, number];
  if (dataset.labels.shape[0] !== count) {
    throw new DatasetError(
      'BAD_LABELS',
      `batches: ${count} images but ${dataset.labels.shape[0]} labels; expected one label an image.`,
    );
  }
  const plan = planBatches({ count }, planOptions);
  const outHeight = check.require(where, 'outputSize[0]', outputSize?.[0] ?? height, integer({ min: 1 }));
  const outWidth = check.require(where, 'outputSize[1]', outputSize?.[1] ?? width, integer({ min: 1 }));
  if (transform === scaleToUnit && (outHeight !== height || outWidth !== width)) {
    throw new DatasetError(
      'INVALID_OPTION',
      `batches: outputSize is [${outHeight}, ${outWidth}] but the images are [${height}, ${width}], and scaleToUnit keeps the size. Give a transform that writes the new size.`,
    );
  }

  function* iterate(start = 0): Generator<Batch, void, undefined> {
    const data = new Float32Array(plan.batchSize * outHeight * outWidth);
    const labelData = new Uint8Array(plan.batchSize);
    const imageLength = outHeight * outWidth;
    for (const { indices, step, epoch } of plan.iterate(start)) {
      const size = indices.length;
      for (let i = 0; i < size; i++) {
        const index = indices[i]!;
        const out = ndarray(data, [outHeight, outWidth], [outWidth, 1], i * imageLength);
        transform(dataset.images.pick(index, null, null), out, { seed: plan.seed, epoch, index });
        labelData[i] = dataset.labels.get(index);
      }
      yield {
        images: ndarray(data.subarray(0, size * imageLength), [size, outHeight, outWidth, 1]),
        labels: ndarray(labelData.subarray(0, size), [size]),
        indices,
        step,
        epoch,
      };
    }
  }

  return {
    batchSize: plan.batchSize,
    batchesPerEpoch: plan.batchesPerEpoch,
    totalBatches: plan.totalBatches,
    imageShape: [outHeight, outWidth, 1],
    iterate,
    [Symbol.iterator]: () => iterate(),
  };
}

/**
 * uint8 0...255 to float32 0...1; float images are copied as they are. Input and output have the same size.
 *
 * @throws DatasetError `INVALID_OPTION` when they have not
 */
export const scaleToUnit: ImageTransform = (image, out) => {
  const [height, width] = image.shape as [number, number];
  if (out.shape[0] !== height || out.shape[1] !== width) {
    throw new DatasetError(
      'INVALID_OPTION',
      `scaleToUnit: the image is [${image.shape.join(', ')}], out is [${out.shape.join(', ')}]; expected the same size.`,
    );
  }
  const { data: from, offset: fromOffset } = image;
  const { data: to, offset: toOffset } = out;
  const [fromRow, fromColumn] = image.stride as [number, number];
  const [toRow, toColumn] = out.stride as [number, number];
  const divisor = from instanceof Uint8Array ? 255 : 1;
  for (let y = 0; y < height; y++) {
    let source = fromOffset + y * fromRow;
    let target = toOffset + y * toRow;
    for (let x = 0; x < width; x++) {
      to[target] = from[source]! / divisor;
      source += fromColumn;
      target += toColumn;
    }
  }
};
