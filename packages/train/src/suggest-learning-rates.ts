/** Named ways to read a learning rate off the curve of a sweep. */
export type LrFindStrategy = 'steepest' | 'valley' | 'minimum/10';

export interface LrFindCurvePoint {
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

/**
 * - `minimum/10`: a tenth of the rate with the smallest smoothed loss (Howard's rule).
 * - `steepest`: where the smoothed loss falls fastest over the logarithm of the rate.
 * - `valley`: two thirds along the longest falling subsequence of the curve (fastai's rule).
 */
export function suggestLearningRates(
  curve: readonly LrFindCurvePoint[],
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

/**
 * Up to the minimum; the slope is that of a least-squares line over a twentieth of the curve to either side, because the
 * first points are hardly smoothed and single differences of them are noise. -1 where the curve never falls.
 */
function findSteepest(curve: readonly LrFindCurvePoint[], bottom: number): number {
  const reach = Math.max(1, Math.round(curve.length / 20));
  let steepest = -1;
  let lowest = 0;
  for (let i = Math.min(reach, bottom - 1); i < bottom; i++) {
    const slope = fitSlope(curve.slice(Math.max(i - reach, 0), i + reach + 1));
    if (slope < lowest) [steepest, lowest] = [i, slope];
  }
  return steepest;
}

/** Change of the smoothed loss over the natural logarithm of the learning rate. */
function fitSlope(points: readonly LrFindCurvePoint[]): number {
  const x = points.map(({ learningRate }) => Math.log(learningRate));
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = points.reduce((sum, { smoothedLoss }) => sum + smoothedLoss, 0) / x.length;
  let covariance = 0;
  let variance = 0;
  for (const [i, { smoothedLoss }] of points.entries()) {
    covariance += (x[i]! - meanX) * (smoothedLoss - meanY);
    variance += (x[i]! - meanX) ** 2;
  }
  return covariance / variance;
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
