/** Weights of a Gaussian of standard deviation `sigma` pixels from its middle outwards, cut off after 3 sigma; sum 1 over both sides. */
export function createGaussian(sigma: number): Float64Array {
  const radius = Math.max(Math.floor(3 * sigma + 0.5), 0);
  const weights = new Float64Array(radius + 1);
  let sum = 0;
  for (let i = 0; i <= radius; i++) {
    weights[i] = Math.exp((-0.5 * i * i) / (sigma * sigma));
    sum += i === 0 ? weights[i]! : 2 * weights[i]!;
  }
  for (let i = 0; i <= radius; i++) weights[i]! /= sum;
  return weights;
}

/** Smooths a [height, width] field in place, rows then columns; the outside counts as 0. `between` is working memory. */
export function gaussianBlur(
  field: Float64Array,
  between: Float64Array,
  height: number,
  width: number,
  weights: Float64Array,
): void {
  const radius = weights.length - 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      let sum = field[row + x]! * weights[0]!;
      const left = Math.min(radius, x);
      const right = Math.min(radius, width - 1 - x);
      for (let i = 1; i <= left; i++) sum += field[row + x - i]! * weights[i]!;
      for (let i = 1; i <= right; i++) sum += field[row + x + i]! * weights[i]!;
      between[row + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    const first = y > radius ? y - radius : 0;
    const last = y + radius < height ? y + radius : height - 1;
    const row = y * width;
    field.fill(0, row, row + width);
    for (let from = first; from <= last; from++) {
      const weight = weights[from < y ? y - from : from - y]!;
      const source = from * width;
      for (let x = 0; x < width; x++) field[row + x]! += between[source + x]! * weight;
    }
  }
}
