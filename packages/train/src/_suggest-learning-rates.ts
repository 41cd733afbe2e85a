import type { LrFindStrategy } from './lr-find.js';

interface CurvePoint {
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

/**
 * - `minimum/10`: a tenth of the rate with the smallest smoothed loss (Howard's rule).
 * - `steepest`: where the smoothed loss falls fastest over the logarithm of the rate.
 * - `valley`: two thirds along the longest falling subsequence of the curve (fastai's rule).
 */
export function suggestLearningRates(
  curve: readonly CurvePoint[],
): Record<LrFindStrategy, number | undefined> {
  const losses = curve.map(({ smoothedLoss }) => smoothedLoss);
  const bottom = losses.indexOf(Math.min(...losses));
  if (bottom < 2) return { steepest: undefined, valley: undefined, 'minimum/10': undefined };
  return {
    steepest: curve[findSteepest(curve, bottom)]?.learningRate,
    valley: curve[findValley(losses)]?.learningRate,
    'minimum/10': curve[bottom]!.learningRate / 10,
  };
}

/** Up to the minimum; the slope is a central difference over log(rate). -1 where the curve never falls. */
function findSteepest(curve: readonly CurvePoint[], bottom: number): number {
  let steepest = -1;
  let lowest = 0;
  for (let i = 1; i < bottom; i++) {
    const [before, after] = [curve[i - 1]!, curve[i + 1]!];
    const slope =
      (after.smoothedLoss - before.smoothedLoss) / Math.log(after.learningRate / before.learningRate);
    if (slope < lowest) [steepest, lowest] = [i, slope];
  }
  return steepest;
}

/** Longest strictly falling subsequence in O(n log n): patience sorting on the negated losses. */
function findValley(losses: readonly number[]): number {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [i, loss] of losses.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (losses[tails[middle]!]! > loss) low = middle + 1;
      else high = middle;
    }
    previous[i] = low === 0 ? -1 : tails[low - 1]!;
    tails[low] = i;
  }
  const falling: number[] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i]!) falling.unshift(i);
  return falling[Math.floor((falling.length * 2) / 3)] ?? -1;
}
