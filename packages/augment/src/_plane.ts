import type { NdArray } from 'ndarray';
import { AugmentError } from './augment-error.js';

export type ImageArray = NdArray<Uint8Array | Float32Array>;

/** One image in working memory: row-major, `height * width` values at the start of `data`. */
export interface Plane {
  data: Float32Array;
  height: number;
  width: number;
}

export function createPlane(height: number, width: number): Plane {
  return { data: new Float32Array(height * width), height, width };
}

/** Sets the size of a plane; its memory grows when it must and never shrinks. The content is undefined afterwards. */
export function resizePlaneMemory(plane: Plane, height: number, width: number): Plane {
  if (plane.data.length < height * width) plane.data = new Float32Array(height * width);
  plane.height = height;
  plane.width = width;
  return plane;
}

/** Copies the values of a plane into another one of the same size. (A loop: `subarray` would allocate.) */
export function copyPlane(source: Plane, target: Plane): void {
  const count = source.height * source.width;
  for (let i = 0; i < count; i++) target.data[i] = source.data[i]!;
}

/** Bytes of 0..255 (as Pillow's mode L), as opposed to real numbers (mode F). */
export function isEightBit(image: ImageArray): boolean {
  return image.data instanceof Uint8Array || (image.data as unknown) instanceof Uint8ClampedArray;
}

export function checkImage(image: ImageArray, role: 'image' | 'out'): void {
  const data: unknown = image?.data;
  if (!(data instanceof Float32Array || data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    const found = image?.dtype ?? typeof image;
    throw new AugmentError(
      'INVALID_IMAGE',
      `${role} is ${found}, expected an ndarray of uint8 or float32. Wrap the pixels: ndarray(new Float32Array(784), [28, 28]).`,
    );
  }
  const shape = image.shape;
  if (shape.length !== 2 || !(shape[0]! > 0) || !(shape[1]! > 0)) {
    throw new AugmentError(
      'INVALID_IMAGE',
      `${role} has shape [${shape.join(', ')}], expected [height, width]. Take one image of a batch with images.pick(i) and drop the channel with .pick(null, null, 0).`,
    );
  }
}

/** What every image transform asks of its arguments. */
export function checkTransformArguments(image: ImageArray, out: ImageArray): void {
  checkImage(image, 'image');
  checkImage(out, 'out');
  if (!(out.data instanceof Float32Array)) {
    throw new AugmentError(
      'INVALID_IMAGE',
      `out is ${out.dtype}, expected float32: a transform writes real numbers.`,
    );
  }
}

/** Copies an image of any strides into a plane. */
export function readImage(image: ImageArray, plane: Plane): Plane {
  const height = image.shape[0]!;
  const width = image.shape[1]!;
  const target = resizePlaneMemory(plane, height, width).data;
  const source = image.data;
  const rowStride = image.stride[0]!;
  const columnStride = image.stride[1]!;
  let at = 0;
  for (let y = 0; y < height; y++) {
    let from = image.offset + y * rowStride;
    for (let x = 0; x < width; x++, from += columnStride) target[at++] = source[from]!;
  }
  return plane;
}

/** Copies a plane into an image of any strides. */
export function writeImage(plane: Plane, image: ImageArray): void {
  const { data, height, width } = plane;
  if (image.shape[0] !== height || image.shape[1] !== width) {
    throw new AugmentError(
      'INVALID_IMAGE',
      `out has shape [${image.shape.join(', ')}], expected [${height}, ${width}].`,
    );
  }
  const target = image.data;
  const rowStride = image.stride[0]!;
  const columnStride = image.stride[1]!;
  let at = 0;
  for (let y = 0; y < height; y++) {
    let to = image.offset + y * rowStride;
    for (let x = 0; x < width; x++, to += columnStride) target[to] = data[at++]!;
  }
}
