import type { NdArray } from 'ndarray';

/** What a trainer eats: float32 images and class indices, in the order in which they are to be seen. */
export interface Batch {
  /** float32, NHWC [size, height, width, channels], contiguous. Valid until the next batch is asked for. */
  readonly images: NdArray<Float32Array>;
  /** uint8 class indices, [size]. Valid until the next batch is asked for. */
  readonly labels: NdArray<Uint8Array>;
  /** Positions in the data set, [size]. */
  readonly indices: Uint32Array;
  /** Number of this batch from the start of training, from 0. */
  readonly step: number;
  /** Epoch that the batch belongs to, from 0. */
  readonly epoch: number;
}

/**
 * A finite stream of batches that can be entered anywhere. Batch `k` depends on nothing but the source's own options
 * (seed included), so an interrupted training continues with `iterate(k)` and sees what it would have seen.
 */
export interface BatchSource {
  /** Images in a full batch. */
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly totalBatches: number;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  /** Batches `start` ... `totalBatches - 1`. Leaving the loop early frees what the iteration held. */
  iterate(start?: number): AsyncIterable<Batch> | Iterable<Batch>;
}

/** Which images make up one batch, before any pixel is touched. */
export interface BatchPlan {
  readonly indices: Uint32Array;
  readonly step: number;
  readonly epoch: number;
}

/** Names one random draw: the same key gives the same result, in any order and on any worker. */
export interface DrawKey {
  readonly seed: number;
  readonly epoch: number;
  /** Position of the image in its data set. */
  readonly index: number;
}

/**
 * Turns one stored image into one training image.
 * A pure function of the image and the key; writes every element of `out`.
 *
 * @param image uint8 or float32, [height, width]; may be a strided view
 * @param out float32, [height, width]; may be a strided view
 */
export type ImageTransform = (
  image: NdArray<Uint8Array | Float32Array>,
  out: NdArray<Float32Array>,
  key: DrawKey,
) => void;
