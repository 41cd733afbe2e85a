import type { NdArray } from 'ndarray';
import { type Content, createContent, setContentRow, setContentRows } from './_content.js';
import { AugmentError } from './augment-error.js';

export type ImageArray = NdArray<Uint8Array | Float32Array>;

/** Pixels kept free around every plane, so that a bicubic window may hang over the border. */
export const before = 3;
export const behind = 4;

/**
 * One image in working memory, row-major with a margin: pixel (x, y) is `data[origin + y * stride + x]`.
 * Doubles, because every pixel read is the start of double arithmetic.
 */
export interface Plane {
  data: Float64Array;
  height: number;
  width: number;
  stride: number;
  origin: number;
  /** Where it is not background; whoever writes a plane for `resizePlane` or `samplePoints` writes this too. */
  readonly content: Content;
}

export function createPlane(height = 1, width = 1): Plane {
  const plane: Plane = {
    data: new Float64Array(0),
    height: 0,
    width: 0,
    stride: 0,
    origin: 0,
    content: createContent(),
  };
  return setPlaneSize(plane, height, width);
}

/** Sets the size of a plane; its memory grows when it must and never shrinks. The content is undefined afterwards. */
export function setPlaneSize(plane: Plane, height: number, width: number): Plane {
  const stride = width + before + behind;
  const length = (height + before + behind) * stride;
  if (plane.data.length < length) plane.data = new Float64Array(length);
  plane.height = height;
  plane.width = width;
  plane.stride = stride;
  plane.origin = before * stride + before;
  setContentRows(plane.content, height);
  return plane;
}

/** Makes `view` show a box of `plane` that lies within it. */
export function viewPlane(
  plane: Plane,
  view: Plane,
  left: number,
  top: number,
  height: number,
  width: number,
): void {
  view.data = plane.data;
  view.height = height;
  view.width = width;
  view.stride = plane.stride;
  view.origin = plane.origin + top * plane.stride + left;
  setContentRows(view.content, height);
  for (let y = 0; y < height; y++) {
    const first = plane.content.first[y + top]! - left;
    const last = plane.content.last[y + top]! - left;
    setContentRow(view.content, y, Math.max(first, 0), Math.min(last, width - 1));
  }
}

/** Copies the values of a plane into another one of the same size. (A loop: `subarray` would allocate.) */
export function copyPlane(source: Plane, target: Plane): void {
  for (let y = 0; y < source.height; y++) {
    const from = source.origin + y * source.stride;
    const to = target.origin + y * target.stride;
    for (let x = 0; x < source.width; x++) target.data[to + x] = source.data[from + x]!;
    target.content.first[y] = source.content.first[y]!;
    target.content.last[y] = source.content.last[y]!;
  }
}

/** Sets `data[start ... end - 1]`. A loop: for a row of an image, TypedArray's `fill` takes longer to call than to run. */
export function fillRun(data: Float64Array, start: number, end: number, value: number): void {
  for (let at = start; at < end; at++) data[at] = value;
}

/** Notes as content of row `y` what is not 0 in columns left ... right; all else in the row is known to be 0. */
export function noteContent(plane: Plane, y: number, left: number, right: number): void {
  const { data } = plane;
  const row = plane.origin + y * plane.stride;
  let first = left;
  let last = right;
  while (first <= last && data[row + first] === 0) first++;
  while (last > first && data[row + last] === 0) last--;
  setContentRow(plane.content, y, first, last);
}

/** Writes the nearest pixel of the image into every pixel of the margin. Not for views: they have none of their own. */
export function fillMarginWithEdges({ data, height, width, stride, origin }: Plane): void {
  for (let y = 0; y < height; y++) {
    const start = origin + y * stride;
    const end = start + width;
    fillRun(data, start - before, start, data[start]!);
    fillRun(data, end, end + behind, data[end - 1]!);
  }
  const firstRow = origin - before;
  const lastRow = firstRow + (height - 1) * stride;
  for (let x = 0; x < stride; x++) {
    for (let y = 1; y <= before; y++) data[firstRow - y * stride + x] = data[firstRow + x]!;
    for (let y = 1; y <= behind; y++) data[lastRow + y * stride + x] = data[lastRow + x]!;
  }
}

/** Writes 0 into every pixel of the margin. */
export function fillMarginWithZeros({ data, height, width, stride, origin }: Plane): void {
  fillRun(data, 0, origin, 0);
  for (let y = 0; y < height; y++) {
    const end = origin + y * stride + width;
    fillRun(data, end, end + behind + before, 0);
  }
  fillRun(data, origin + height * stride - before, (height + before + behind) * stride, 0);
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
  const { height, width, stride, origin, data } = setPlaneSize(plane, image.shape[0]!, image.shape[1]!);
  const source = image.data;
  const rowStride = image.stride[0]!;
  const columnStride = image.stride[1]!;
  for (let y = 0; y < height; y++) {
    let from = image.offset + y * rowStride;
    const to = origin + y * stride;
    for (let x = 0; x < width; x++, from += columnStride) data[to + x] = source[from]!;
  }
  return plane;
}

/** Copies a plane into an image of any strides. */
export function writeImage({ data, height, width, stride, origin }: Plane, image: ImageArray): void {
  if (image.shape[0] !== height || image.shape[1] !== width) {
    throw new AugmentError(
      'INVALID_IMAGE',
      `out has shape [${image.shape.join(', ')}], expected [${height}, ${width}].`,
    );
  }
  const target = image.data;
  const rowStride = image.stride[0]!;
  const columnStride = image.stride[1]!;
  for (let y = 0; y < height; y++) {
    let to = image.offset + y * rowStride;
    const from = origin + y * stride;
    for (let x = 0; x < width; x++, to += columnStride) target[to] = data[from + x]!;
  }
}
