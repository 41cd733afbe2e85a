import { largestNearby, type Mask, quantile } from './_plane.js';
import type { Ink } from './subtract-paper.js';

/** Share of the strongest contrast nearby, and of the strongest anywhere, that ink must have. */
const SHARE_NEARBY = 0.35;
const SHARE_ANYWHERE = 0.12;

/** Marks the pixels whose contrast is a good share of the strongest contrast in their neighbourhood of `reach` pixels. */
export function thresholdInk({ contrast, floor }: Ink, reach: number, shareNearby = SHARE_NEARBY): Mask {
  const { width, height, data } = contrast;
  const strongest = largestNearby(contrast, Math.max(4, Math.round(reach)));
  const least = Math.max(floor, SHARE_ANYWHERE * quantile(data, 0.998));
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < mask.length; i++)
    mask[i] = data[i]! >= least && data[i]! >= shareNearby * strongest.data[i]! ? 1 : 0;
  return { width, height, data: mask };
}
