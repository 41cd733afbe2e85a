/** Named ways to read a learning rate off the curve of a sweep. */
export type LrFindStrategy = 'steepest' | 'valley' | 'minimum/10';

export interface LrFindCurvePoint {
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

/**
 * - `minimum/10`: a tenth of the rate with the smallest smoothed loss (Howard's rule).
 * - `steepest`: where the smoothed loss falls fastest over the logarithm of the rate.
 * - `valley`: halfway down the longest descent of the curve: fastai's `valley`, given the same points. (fastai's finder leaves
 *   out the first tenth and the last five points of a sweep; here every point counts.)
 */
export function suggestLearningRates(
  curve: readonly LrFindCurvePoint[],
): Record<LrFindStrategy, number | undefined> {
  const losses = curve.map(({ smoothedLoss }) => smoothedLoss);
  const bottom = losses.reduce((best, loss, i) => (loss < losses[best]! ? i : best), 0);
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
  const slopeBetween = slopesOf(curve);
  let steepest = -1;
  let lowest = 0;
  for (let i = Math.min(reach, bottom - 1); i < bottom; i++) {
    const slope = slopeBetween(Math.max(i - reach, 0), Math.min(i + reach + 1, curve.length));
    if (slope < lowest) [steepest, lowest] = [i, slope];
  }
  return steepest;
}

/**
 * Least-squares slopes of the smoothed loss over the natural logarithm of the learning rate, between any two points (the
 * second one excluded), from sums that are made once.
 */
function slopesOf(curve: readonly LrFindCurvePoint[]): (start: number, end: number) => number {
  // Counted from the middle point: large sums of equal sign would cancel badly.
  const { learningRate: rate, smoothedLoss: loss } = curve[curve.length >> 1]!;
  const sums = [0, 1, 2, 3].map(() => new Float64Array(curve.length + 1));
  for (const [i, { learningRate, smoothedLoss }] of curve.entries()) {
    const [x, y] = [Math.log(learningRate / rate), smoothedLoss - loss];
    for (const [k, term] of [x, y, x * x, x * y].entries()) sums[k]![i + 1] = sums[k]![i]! + term;
  }
  return (start, end) => {
    const count = end - start;
    const [x, y, xx, xy] = sums.map((sum) => sum[end]! - sum[start]!) as [number, number, number, number];
    return (xy - (x * y) / count) / (xx - (x * x) / count);
  };
}

/**
 * fastai takes the length of the longest strictly falling subsequence for the length of a stretch of the curve that ends
 * where that subsequence ends, and the point a third plus a sixth along it. Lengths in O(n log n), by patience sorting.
 */
export function findValley(losses: readonly number[]): number {
  /** The largest loss that a falling subsequence of each length can end with so far. */
  const tails: number[] = [];
  let [longest, end] = [0, 0];
  for (const [i, loss] of losses.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tails[middle]! > loss) low = middle + 1;
      else high = middle;
    }
    tails[low] = loss;
    if (low + 1 > longest) [longest, end] = [low + 1, i];
  }
  if (longest === 1) return 0;
  const sections = longest / 3;
  return Math.max(end - longest + Math.floor(sections) + Math.floor(sections / 2), 0);
}
