import { copyPlane, createPlane, type Plane, resizePlaneMemory } from './_plane.js';
import { createResizeTable, fixedPointBits, type ResizeTable } from './_resize-table.js';

const half = 1 << (fixedPointBits - 1);

/** Working memory of `resizePlane`: weight tables of the size pairs met so far, and the half-resized image. */
export class ResizeScratch {
  readonly between: Plane = createPlane(1, 1);
  filledRows = new Uint8Array(1);
  readonly #tables = [new Map<number, ResizeTable>(), new Map<number, ResizeTable>()] as const;

  table(sourceSize: number, targetSize: number, eightBit: boolean): ResizeTable {
    const tables = this.#tables[eightBit ? 1 : 0];
    const key = sourceSize * 0x10000 + targetSize;
    let table = tables.get(key);
    if (table === undefined) {
      table = createResizeTable(sourceSize, targetSize, eightBit);
      tables.set(key, table);
    }
    return table;
  }
}

/**
 * Bicubic resize in two passes, rows first, as Pillow's Resample.c. `source` and `target` are different planes and
 * `target` has its final size. With `eightBit` both passes round to the nearest of 0..255 in 22-bit fixed point;
 * integers up to 2^53 are exact in a double, so the sums are those of Pillow's 32-bit integers.
 */
export function resizePlane(source: Plane, target: Plane, eightBit: boolean, scratch: ResizeScratch): void {
  const between =
    source.width === target.width ? source : resizePlaneMemory(scratch.between, source.height, target.width);
  if (scratch.filledRows.length < source.height) scratch.filledRows = new Uint8Array(source.height);
  const filledRows = scratch.filledRows;
  markFilledRows(source, filledRows);
  if (between !== source) {
    resizeRows(source, between, eightBit, filledRows, scratch.table(source.width, target.width, eightBit));
  }
  if (source.height === target.height) {
    copyPlane(between, target);
  } else {
    resizeColumns(
      between,
      target,
      eightBit,
      filledRows,
      scratch.table(source.height, target.height, eightBit),
    );
  }
}

/** Rows of zeros resize to rows of zeros: most images of digits have some. */
function markFilledRows({ data, height, width }: Plane, filledRows: Uint8Array): void {
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * width;
    let at = y * width;
    while (at < end && data[at] === 0) at++;
    filledRows[y] = at < end ? 1 : 0;
  }
}

function resizeRows(
  source: Plane,
  target: Plane,
  eightBit: boolean,
  filledRows: Uint8Array,
  { first, count, weights, taps }: ResizeTable,
): void {
  const from = source.data;
  const to = target.data;
  const width = target.width;
  for (let y = 0; y < source.height; y++) {
    const rowStart = y * width;
    if (filledRows[y] === 0) {
      to.fill(0, rowStart, rowStart + width);
      continue;
    }
    for (let x = 0; x < width; x++) {
      const base = y * source.width + first[x]!;
      const weight = x * taps;
      const length = count[x]!;
      let sum = 0;
      for (let tap = 0; tap < length; tap++) sum += from[base + tap]! * weights[weight + tap]!;
      to[rowStart + x] = eightBit ? clipFixedPoint(sum) : sum;
    }
  }
}

function resizeColumns(
  source: Plane,
  target: Plane,
  eightBit: boolean,
  filledRows: Uint8Array,
  { first, count, weights, taps }: ResizeTable,
): void {
  const from = source.data;
  const to = target.data;
  const width = target.width;
  for (let y = 0; y < target.height; y++) {
    const top = first[y]!;
    const length = count[y]!;
    const weight = y * taps;
    const rowStart = y * width;
    let filled = 0;
    for (let tap = 0; tap < length; tap++) filled |= filledRows[top + tap]!;
    if (filled === 0) {
      to.fill(0, rowStart, rowStart + width);
      continue;
    }
    for (let x = 0; x < width; x++) {
      let at = top * width + x;
      let sum = 0;
      for (let tap = 0; tap < length; tap++, at += width) sum += from[at]! * weights[weight + tap]!;
      to[rowStart + x] = eightBit ? clipFixedPoint(sum) : sum;
    }
  }
}

function clipFixedPoint(sum: number): number {
  const value = (sum + half) >> fixedPointBits;
  return value < 0 ? 0 : Math.min(value, 255);
}
