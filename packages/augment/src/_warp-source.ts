import { findContent } from './_find-content.js';
import {
  before,
  behind,
  createPlane,
  fillMarginWithEdges,
  fillMarginWithZeros,
  type ImageArray,
  readImage,
} from './_plane.js';
import { WindowRange } from './_window-range.js';

/** What a warp shows where it looks beyond the border: the nearest pixel of the image, or 0. */
export type Border = 'edge' | 'zero';

/** An image with a margin, ready to be sampled at any point, and what the sampler can know beforehand. */
export class WarpSource {
  readonly plane = createPlane();
  /** Smallest and largest value of the image and its margin. */
  low = 0;
  high = 0;
  /** What windows outside of `windows` see in all their sixteen values. */
  background = 0;
  /** Sampled points lie from 2 pixels above the image to 1 below it. */
  readonly windows = new WindowRange(2, 2);

  load(image: ImageArray, border: Border): void {
    const plane = readImage(image, this.plane);
    this.background = plane.data[plane.origin]!;
    findContent(plane, this.background);
    this.#findRange();
    if (border === 'edge') {
      fillMarginWithEdges(plane);
      this.#extendContent();
    } else {
      fillMarginWithZeros(plane);
      // A margin of zeros around an image whose corner is not 0 is content like any other.
      if (this.background !== 0) this.#fillContent();
    }
    this.windows.update(this.plane.content, plane.height);
  }

  #findRange(): void {
    const { data, height, stride, origin } = this.plane;
    const { first, last } = this.plane.content;
    let low = this.background;
    let high = low;
    for (let y = 0; y < height; y++) {
      const row = origin + y * stride;
      const end = row + last[y]!;
      for (let at = row + first[y]!; at <= end; at++) {
        const value = data[at]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    this.low = low;
    this.high = high;
  }

  /** Content that touches the left or right border goes on in the margin; `windows` sees to above and below. */
  #extendContent(): void {
    const { height, width } = this.plane;
    const { first, last } = this.plane.content;
    for (let y = 0; y < height; y++) {
      if (first[y] === 0) first[y] = -before;
      if (last[y] === width - 1) last[y] = width - 1 + behind;
    }
  }

  #fillContent(): void {
    this.low = Math.min(this.low, 0);
    this.high = Math.max(this.high, 0);
    this.plane.content.first.fill(-before);
    this.plane.content.last.fill(this.plane.width - 1 + behind);
  }
}
