import type { ImageDataset } from '@mnist/dataset';
import type { NdArray } from 'ndarray';
import { AugmentError } from './augment-error.js';

/** Looks at a data set as the loader needs it: [count, height, width] and one label an image. */
export function checkDataset(dataset: ImageDataset): void {
  const { images, labels } = dataset ?? {};
  const kind: unknown = images?.data;
  if (!(kind instanceof Uint8Array || kind instanceof Float32Array) || images.shape.length !== 3) {
    throw new AugmentError(
      'INVALID_DATASET',
      `dataset.images is ${images?.dtype ?? typeof images} [${images?.shape?.join(', ') ?? ''}], expected uint8 or float32 [count, height, width].`,
    );
  }
  if (labels?.shape?.length !== 1 || labels.shape[0] !== images.shape[0]) {
    throw new AugmentError(
      'INVALID_DATASET',
      `dataset.labels has shape [${labels?.shape?.join(', ') ?? ''}], expected one label for each of the ${images.shape[0]} images.`,
    );
  }
}

type Pixels = Uint8Array | Float32Array;

/** The pixels of all images without gaps, row-major: a view where the memory already is so, otherwise a copy. */
export function packedPixels(images: NdArray<Pixels>): Pixels {
  const [count, height, width] = images.shape as [number, number, number];
  const length = count * height * width;
  const [perImage, perRow, perColumn] = images.stride;
  if (perColumn === 1 && perRow === width && perImage === height * width) {
    return images.data.subarray(images.offset, images.offset + length);
  }
  const packed = images.data instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < count; i++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) packed[at++] = images.get(i, y, x);
    }
  }
  return packed;
}

/** The same pixels in memory that workers can see without a copy of their own. */
export function sharedPixels(pixels: Pixels): Pixels {
  if (pixels.buffer instanceof SharedArrayBuffer) return pixels;
  const buffer = new SharedArrayBuffer(pixels.byteLength);
  const shared = pixels instanceof Float32Array ? new Float32Array(buffer) : new Uint8Array(buffer);
  shared.set(pixels);
  return shared;
}
