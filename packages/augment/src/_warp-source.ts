import type { ImageArray } from './_plane.js';

/** What a warp shows where it looks beyond the border: the nearest pixel of the image, or 0. */
export type Border = 'edge' | 'zero';

/** Pixels around the image that the sampler may read: it looks from 3 before to 3 behind the image. */
const before = 3;
const behind = 4;

/** An image with a margin, ready to be sampled at any point, and what the sampler can know beforehand. */
export class WarpSource {
  /** Row-major with a margin; the image's pixel (0, 0) is at `origin`. */
  data = new Float32Array(1);
  stride = 0;
  origin = 0;
  height = 0;
  width = 0;
  /** Smallest and largest value of the image (and of the margin). */
  low = 0;
  high = 0;
  /** Every value outside of the box left ... right, top ... bottom (both included), margin and all, is `background`. */
  background = 0;
  left = 0;
  right = 0;
  top = 0;
  bottom = 0;

  load(image: ImageArray, border: Border): void {
    const height = image.shape[0]!;
    const width = image.shape[1]!;
    const stride = width + before + behind;
    if (height !== this.height || width !== this.width) {
      this.data = new Float32Array((height + before + behind) * stride);
      this.stride = stride;
      this.origin = before * stride + before;
      this.height = height;
      this.width = width;
    }
    this.#copy(image);
    // A margin of zeros around an image whose corner is not 0 is content like any other.
    if (border === 'edge') this.#repeatEdges();
    else if (this.background !== 0) this.#widenToMargin();
  }

  #copy(image: ImageArray): void {
    const { data, height, width, stride, origin } = this;
    const pixels = image.data;
    const rowStride = image.stride[0]!;
    const columnStride = image.stride[1]!;
    const background = pixels[image.offset]!;
    let low = background;
    let high = background;
    let left = width;
    let right = -1;
    let top = height;
    let bottom = -1;
    for (let y = 0; y < height; y++) {
      let from = image.offset + y * rowStride;
      let to = origin + y * stride;
      let first = width;
      let last = -1;
      for (let x = 0; x < width; x++, from += columnStride) {
        const value = pixels[from]!;
        data[to++] = value;
        if (value !== background) {
          if (value < low) low = value;
          if (value > high) high = value;
          if (last < 0) first = x;
          last = x;
        }
      }
      if (last >= 0) {
        if (first < left) left = first;
        if (last > right) right = last;
        if (top === height) top = y;
        bottom = y;
      }
    }
    this.background = background;
    this.low = low;
    this.high = high;
    this.left = left;
    this.right = right;
    this.top = top;
    this.bottom = bottom;
  }

  #repeatEdges(): void {
    const { data, height, width, stride, origin } = this;
    for (let y = 0; y < height; y++) {
      const start = origin + y * stride;
      const first = data[start]!;
      const last = data[start + width - 1]!;
      for (let x = 1; x <= before; x++) data[start - x] = first;
      for (let x = 0; x < behind; x++) data[start + width + x] = last;
    }
    const firstRow = origin - before;
    const lastRow = firstRow + (height - 1) * stride;
    for (let y = 1; y <= before; y++) data.copyWithin(firstRow - y * stride, firstRow, firstRow + stride);
    for (let y = 1; y <= behind; y++) data.copyWithin(lastRow + y * stride, lastRow, lastRow + stride);
    // Content that touches the border goes on in the margin.
    if (this.right < 0) return;
    if (this.left === 0) this.left = -before;
    if (this.right === width - 1) this.right = width - 1 + behind;
    if (this.top === 0) this.top = -before;
    if (this.bottom === height - 1) this.bottom = height - 1 + behind;
  }

  #widenToMargin(): void {
    this.low = Math.min(this.low, 0);
    this.high = Math.max(this.high, 0);
    this.left = -before;
    this.right = this.width - 1 + behind;
    this.top = -before;
    this.bottom = this.height - 1 + behind;
  }
}
