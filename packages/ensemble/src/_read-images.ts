import ndarray, { type NdArray } from 'ndarray';
import { EnsembleError } from './ensemble-error.js';

/** Checks float32 NHWC images and makes them contiguous, copying only if they are strided. */
export function readImages(images: NdArray<Float32Array>, path = 'images'): NdArray<Float32Array> {
  if (!images || !(images.data instanceof Float32Array) || images.shape?.length !== 4) {
    const found = images?.shape ? `${images.dtype} of shape [${images.shape.join(', ')}]` : typeof images;
    throw new EnsembleError(
      'INVALID_IMAGES',
      `${path}: found ${found}; expected a float32 ndarray NHWC [count, height, width, channels], normalised as the net was trained.`,
    );
  }
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  const [s0, s1, s2, s3] = images.stride as [number, number, number, number];
  const imageSize = height * width * channels;
  if (s3 === 1 && s2 === channels && s1 === width * channels && s0 === imageSize) {
    if (images.offset === 0 && images.data.length === count * imageSize) return images;
    return ndarray(images.data.subarray(images.offset, images.offset + count * imageSize), images.shape);
  }
  const packed = new Float32Array(count * imageSize);
  let to = 0;
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = images.offset + n * s0 + y * s1 + x * s2;
        for (let c = 0; c < channels; c++) packed[to++] = images.data[from + c * s3]!;
      }
    }
  }
  return ndarray(packed, images.shape);
}

/** Images `from` ... `to - 1` of a contiguous array, without a copy. */
export function sliceImages(images: NdArray<Float32Array>, from: number, to: number): NdArray<Float32Array> {
  const [, height, width, channels] = images.shape as [number, number, number, number];
  const size = height * width * channels;
  return ndarray(images.data.subarray(images.offset + from * size, images.offset + to * size), [
    to - from,
    height,
    width,
    channels,
  ]);
}
