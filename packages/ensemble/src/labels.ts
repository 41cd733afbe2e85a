import type { NdArray } from 'ndarray';

/** True classes, one index an image: an ndarray [count] (as `ImageDataset.labels`), a typed array or a plain list. */
export type Labels = NdArray<Uint8Array> | Uint8Array | Uint16Array | Int32Array | readonly number[];
