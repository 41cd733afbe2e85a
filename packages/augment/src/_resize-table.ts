/** Which source pixels make up each target pixel of one axis, and with which weights. */
export interface ResizeTable {
  /** `taps` source pixels from `first[x]` on make up target pixel x. */
  readonly first: Int32Array;
  /** `taps` weights for each target pixel; 0 where fewer are needed. */
  readonly weights: Float64Array;
  readonly taps: number;
  /** The first and the last target pixel in which each source pixel has a part. */
  readonly firstTarget: Int32Array;
  readonly lastTarget: Int32Array;
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
  const from = (target: number) => Math.max(Math.trunc((target + 0.5) * scale - support + 0.5), 0);
  const to = (target: number) => Math.min(Math.trunc((target + 0.5) * scale + support + 0.5), sourceSize);
  let taps = 0;
  for (let target = 0; target < targetSize; target++) taps = Math.max(taps, to(target) - from(target));
  // Four taps, when there is room for them, can be written out: see resizePlane.
  if (sourceSize >= 4) taps = Math.max(taps, 4);

  const first = new Int32Array(targetSize);
  const weights = new Float64Array(targetSize * taps);
  const firstTarget = new Int32Array(sourceSize).fill(targetSize);
  const lastTarget = new Int32Array(sourceSize).fill(-1);
  for (let target = 0; target < targetSize; target++) {
    const centre = (target + 0.5) * scale;
    const start = from(target);
    const length = to(target) - start;
    const own = new Float64Array(length);
    let sum = 0;
    for (let tap = 0; tap < length; tap++) {
      own[tap] = bicubic((tap + start - centre + 0.5) * inverse);
      sum += own[tap]!;
    }
    // All taps must lie inside: near the end they begin earlier, with weight 0.
    first[target] = Math.min(start, sourceSize - taps);
    for (let tap = 0; tap < length; tap++) {
      if (sum !== 0) own[tap]! /= sum;
      if (eightBit) own[tap] = Math.trunc((own[tap]! < 0 ? -0.5 : 0.5) + own[tap]! * (1 << fixedPointBits));
      weights[target * taps + start - first[target]! + tap] = own[tap]!;
      firstTarget[start + tap] = Math.min(firstTarget[start + tap]!, target);
      lastTarget[start + tap] = Math.max(lastTarget[start + tap]!, target);
    }
  }
  return { first, weights, taps, firstTarget, lastTarget };
}
