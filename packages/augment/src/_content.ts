import type { Plane } from './_plane.js';

/**
 * Where the rows of an image hold anything but background: columns `first[y]` to `last[y]`, first > last in an empty
 * row. Most of an image of a digit is background, and what becomes of background is known without arithmetic.
 */
export class Content {
  first = new Int32Array(0);
  last = new Int32Array(0);

  setRows(height: number): void {
    if (this.first.length >= height) return;
    this.first = new Int32Array(height);
    this.last = new Int32Array(height);
  }

  setEmpty(y: number): void {
    this.first[y] = nowhere;
    this.last[y] = -nowhere;
  }

  /** Looks at every row from both ends. */
  find({ data, height, width, stride, origin }: Plane, background: number): void {
    this.setRows(height);
    for (let y = 0; y < height; y++) {
      const start = origin + y * stride;
      let first = 0;
      while (first < width && data[start + first] === background) first++;
      if (first === width) {
        this.setEmpty(y);
        continue;
      }
      let last = width - 1;
      while (data[start + last] === background) last--;
      this.first[y] = first;
      this.last[y] = last;
    }
  }
}

/** Farther than any column, and far enough from the end of 32 bits to count from. */
export const nowhere = 0x3fffffff;
