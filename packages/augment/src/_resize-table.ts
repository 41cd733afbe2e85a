/** Which source pixels make up each target pixel of one axis, and with which weights. */
export interface ResizeTable {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `taps` weights for each target pixel. */
  readonly weights: Float64Array;
  readonly taps: number;
}

/** Pillow keeps 8-bit weights as integers in units of 2^-22. */
export const fixedPointBits = 32 - 8 - 2;

// Bicubic convolution with a = -0.5 (R. G. Keys, 1981), in the order of operations of Pillow's Resample.c.
function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5;
  return 0;
}

/** The weights of one axis, as Pillow's `Image.resize` computes them: support widened when shrinking, sum 1. */
export function createResizeTable(sourceSize: number, targetSize: number, eightBit: boolean): ResizeTable {
  const scale = sourceSize / targetSize;
  const filterScale = Math.max(scale, 1);
  const support = 2 * filterScale;
  const inverse = 1 / filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(targetSize);
  const count = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * taps);
  for (let target = 0; target < targetSize; target++) {
    const centre = (target + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const length = Math.min(Math.trunc(centre + support + 0.5), sourceSize) - from;
    const row = weights.subarray(target * taps, target * taps + length);
    let sum = 0;
    for (let tap = 0; tap < length; tap++) {
      row[tap] = bicubic((tap + from - centre + 0.5) * inverse);
      sum += row[tap]!;
    }
    for (let tap = 0; tap < length; tap++) {
      if (sum !== 0) row[tap]! /= sum;
      if (eightBit) row[tap] = Math.trunc((row[tap]! < 0 ? -0.5 : 0.5) + row[tap]! * (1 << fixedPointBits));
    }
    first[target] = from;
    count[target] = length;
  }
  return { first, count, weights, taps };
}
