import type { NdArray } from 'ndarray';

/** float32 or float64, [count, classes]; each row sums to 1. */
export type Probabilities = NdArray<Float32Array>;

/** True classes, one index an image: an ndarray [count] (as `ImageDataset.labels`), a typed array or a plain list. */
export type Labels = NdArray<Uint8Array> | Uint8Array | Uint16Array | Int32Array | readonly number[];

/** Anything that gives class probabilities for images: one net, a committee of nets, a committee of committees. */
export interface Classifier {
  readonly name: string;
  readonly classCount: number;
  /** @param images float32, NHWC [count, height, width, channels] */
  classify(images: NdArray<Float32Array>): Promise<Probabilities>;
}
