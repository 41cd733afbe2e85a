import { clipTable, lowestOvershoot } from './_clip-table.js';
import { setContentRow } from './_content.js';
import { copyPlane, createPlane, fillRun, noteContent, type Plane, setPlaneSize } from './_plane.js';
import { createResizeTable, fixedPointBits, type ResizeTable } from './_resize-table.js';

/** Working memory of `resizePlane`: weight tables of the size pairs met so far, and the half-resized image. */
export class ResizeScratch {
  readonly between: Plane = createPlane();
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
 * integers up to 2^53 are exact in a double, so the sums are those of Pillow's 32-bit integers. Only
 * `source.content` is looked at, for zeros resize to zeros; `target.content` is set.
 */
export function resizePlane(source: Plane, target: Plane, eightBit: boolean, scratch: ResizeScratch): void {
  const wide = source.width !== target.width;
  const high = source.height !== target.height;
  const between = wide && high ? setPlaneSize(scratch.between, source.height, target.width) : target;
  if (wide) {
    resizeRows(source, between, eightBit, scratch.table(source.width, target.width, eightBit));
  }
  if (high) {
    const table = scratch.table(source.height, target.height, eightBit);
    resizeColumns(wide ? between : source, target, eightBit, table);
  }
  if (!wide && !high) copyPlane(source, target);
}

function resizeRows(source: Plane, target: Plane, eightBit: boolean, table: ResizeTable): void {
  // Local: V8 reads a module's constants anew in every round of a loop.
  const clip = clipTable;
  const lowest = lowestOvershoot;
  const bits = fixedPointBits;
  const half = 1 << (bits - 1);
  const quantise = eightBit === true;
  const { first, weights, taps } = table;
  const { content } = source;
  const from = source.data;
  const to = target.data;
  for (let y = 0; y < source.height; y++) {
    const targetRow = target.origin + y * target.stride;
    const sourceRow = source.origin + y * source.stride;
    fillRun(to, targetRow, targetRow + target.width, 0);
    if (content.first[y]! > content.last[y]!) {
      setContentRow(target.content, y, 1, 0);
      continue;
    }
    const left = table.firstTarget[content.first[y]!]!;
    const right = table.lastTarget[content.last[y]!]!;
    if (taps === 4) {
      for (let x = left; x <= right; x++) {
        const start = sourceRow + first[x]!;
        const weight = 4 * x;
        to[targetRow + x] =
          from[start]! * weights[weight]! +
          from[start + 1]! * weights[weight + 1]! +
          from[start + 2]! * weights[weight + 2]! +
          from[start + 3]! * weights[weight + 3]!;
      }
    } else {
      for (let x = left; x <= right; x++) {
        const start = sourceRow + first[x]!;
        let sum = 0;
        for (let tap = 0; tap < taps; tap++) sum += from[start + tap]! * weights[x * taps + tap]!;
        to[targetRow + x] = sum;
      }
    }
    if (quantise) {
      const stop = targetRow + right;
      for (let at = targetRow + left; at <= stop; at++) {
        to[at] = clip[(((to[at]! + half) >> bits) - lowest) | 0]!;
      }
    }
    setContentRow(target.content, y, left, right);
  }
}

function resizeColumns(source: Plane, target: Plane, eightBit: boolean, table: ResizeTable): void {
  // Local: V8 reads a module's constants anew in every round of a loop.
  const clip = clipTable;
  const lowest = lowestOvershoot;
  const bits = fixedPointBits;
  const half = 1 << (bits - 1);
  const quantise = eightBit === true;
  const { first, weights, taps } = table;
  const { content } = source;
  const from = source.data;
  const to = target.data;
  const stride = source.stride;
  for (let y = 0; y < target.height; y++) {
    const top = first[y]!;
    const weight = y * taps;
    const targetRow = target.origin + y * target.stride;
    const start = source.origin + top * stride;
    let left = target.width;
    let right = left - 1;
    for (let row = top; row < top + taps; row++) {
      if (content.first[row]! > content.last[row]!) continue;
      right = left > right ? content.last[row]! : Math.max(right, content.last[row]!);
      left = Math.min(left, content.first[row]!);
    }
    fillRun(to, targetRow, targetRow + target.width, 0);
    if (taps === 4) {
      const w0 = weights[weight]!;
      const w1 = weights[weight + 1]!;
      const w2 = weights[weight + 2]!;
      const w3 = weights[weight + 3]!;
      for (let x = left; x <= right; x++) {
        const at = start + x;
        const sum =
          from[at]! * w0 +
          from[at + stride]! * w1 +
          from[at + 2 * stride]! * w2 +
          from[at + 3 * stride]! * w3;
        to[targetRow + x] = sum;
      }
    } else {
      for (let x = left; x <= right; x++) {
        let sum = 0;
        for (let tap = 0; tap < taps; tap++) sum += from[start + x + tap * stride]! * weights[weight + tap]!;
        to[targetRow + x] = sum;
      }
    }
    if (quantise) {
      const stop = targetRow + right;
      for (let at = targetRow + left; at <= stop; at++) {
        to[at] = clip[(((to[at]! + half) >> bits) - lowest) | 0]!;
      }
    }
    noteContent(target, y, left, right);
  }
}
