/**
 * Where the rows of an image can hold anything but background: columns `first[y]` to `last[y]`, first > last in an
 * empty row. Most of an image of a digit is background, and what becomes of background is known without arithmetic.
 */
export interface Content {
  first: Int32Array;
  last: Int32Array;
}

/** Farther than any column, and far enough from the end of 32 bits to count from: an empty row is nowhere ... -nowhere. */
const nowhere = 0x3fffffff;

export function createContent(): Content {
  return { first: new Int32Array(0), last: new Int32Array(0) };
}

export function setContentRows(content: Content, height: number): void {
  if (content.first.length >= height) return;
  content.first = new Int32Array(height);
  content.last = new Int32Array(height);
}

/** An empty run (last < first) makes an empty row. */
export function setContentRow(content: Content, y: number, first: number, last: number): void {
  content.first[y] = first > last ? nowhere : first;
  content.last[y] = first > last ? -nowhere : last;
}
