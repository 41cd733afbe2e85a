import { deriveSeed } from '@mnist/kit';

/**
 * Draws a dropout mask: 0 with probability `rate`, else 1 / (1 - rate).
 *
 * Element `i` is a hash of (seed, step, layer number, i), so the mask of any step can be drawn on its own: a resumed
 * training sees the masks that it would have seen, and a batch of fewer images the first rows of a full one's.
 */
export function fillDropoutMask(
  mask: Float32Array,
  rate: number,
  key: { readonly seed: number; readonly step: number; readonly layer: number },
): void {
  const kept = 1 / (1 - rate);
  const threshold = rate * 2 ** 32;
  const stream = deriveSeed(key.seed, 'dropout', key.step, key.layer);
  for (let index = 0; index < mask.length; index++) {
    mask[index] = mix(stream + Math.imul(index, 0x9e3779b1)) < threshold ? 0 : kept;
  }
}

/** A bijection of 32-bit integers that scatters its bits (lowbias32, Chris Wellons, 'Prospecting for hash functions'). */
function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
