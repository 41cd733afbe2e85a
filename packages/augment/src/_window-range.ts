import type { Content } from './_content.js';

/**
 * For each row in which a 4 x 4 bicubic window can lie: the columns at which it sees anything but background.
 * Half of the windows on an image of a digit see none, and their result is the background.
 */
export class WindowRange {
  /** Windows of row `y` (the second of their four rows) see something from column `first[y + above]` ... */
  first = new Int32Array(0);
  /** ... to column `last[y + above]`, as the second of their four columns. */
  last = new Int32Array(0);
  /** Windows lie in rows -above ... height - 1 + below. */
  readonly #above: number;
  readonly #below: number;

  constructor(above: number, below: number) {
    this.#above = above;
    this.#below = below;
  }

  /** Rows beyond the image count as the nearest one. */
  update(content: Content, height: number): void {
    const rows = height + this.#above + this.#below;
    if (this.first.length < rows) {
      this.first = new Int32Array(rows);
      this.last = new Int32Array(rows);
    }
    const { first, last } = content;
    const bottom = height - 1;
    for (let row = 0; row < rows; row++) {
      const y = row - this.#above;
      const y0 = y < 1 ? 0 : Math.min(y - 1, bottom);
      const y1 = y < 0 ? 0 : Math.min(y, bottom);
      const y2 = y < -1 ? 0 : Math.min(y + 1, bottom);
      const y3 = y < -2 ? 0 : Math.min(y + 2, bottom);
      this.first[row] = Math.min(Math.min(first[y0]!, first[y1]!), Math.min(first[y2]!, first[y3]!)) - 2;
      this.last[row] = Math.max(Math.max(last[y0]!, last[y1]!), Math.max(last[y2]!, last[y3]!)) + 1;
    }
  }
}
