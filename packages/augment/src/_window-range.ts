import { type Content, nowhere } from './_content.js';

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
    for (let row = 0; row < rows; row++) {
      const y = row - this.#above;
      let first = nowhere;
      let last = -nowhere;
      for (let near = y - 1; near <= y + 2; near++) {
        const inside = near < 0 ? 0 : near < height ? near : height - 1;
        if (content.first[inside]! < first) first = content.first[inside]!;
        if (content.last[inside]! > last) last = content.last[inside]!;
      }
      this.first[row] = first - 2;
      this.last[row] = last + 1;
    }
  }
}
