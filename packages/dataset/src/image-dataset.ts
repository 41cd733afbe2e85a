import type { NdArray } from 'ndarray';

/** The part of a data set that its authors published as one pair of files. */
export type Split = 'train' | 'test';

/** Grey-scale images with one class label each. Plain data: share it, slice it, send it to a worker. */
export interface ImageDataset {
  /** `mnist`, `fashion-mnist`, ...; always `synthetic-digits` for drawn digits. */
  readonly name: string;
  readonly split: Split;
  /** uint8, [count, height, width], 0 = background, contiguous and row-major. */
  readonly images: NdArray<Uint8Array>;
  /** uint8, [count]; each is an index into `classNames`. */
  readonly labels: NdArray<Uint8Array>;
  readonly classNames: readonly string[];
  /** True when the images are not the published data set but a drawn substitute. Say so wherever a result is shown. */
  readonly synthetic: boolean;
  /** Where the bytes came from: a folder, a URL, or `generated`. */
  readonly source: string;
}
