/** Lanczos coefficients for g = 7, n = 9 (Godfrey); relative error below 1e-14 for x >= 0.5. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln(Gamma(x)) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Evaluates a continued fraction b0 + a1/(b1 + a2/(b2 + ...)) by Lentz's method. */
function continuedFraction(b0: number, term: (i: number) => [a: number, b: number]): number {
  const tiny = 1e-300;
  let fraction = b0 || tiny;
  let c = fraction;
  let d = 0;
  for (let i = 1; i <= 100_000; i++) {
    const [a, b] = term(i);
    d = 1 / (b + a * d || tiny);
    c = b + a / c || tiny;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

/** The regularised incomplete beta function I_x(a, b), a and b > 0. DLMF 8.17.22. */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a);
  const logFront =
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b) - Math.log(a);
  const fraction = continuedFraction(1, (i) => {
    const m = i >> 1;
    if (i === 1) return [(-(a + b) * x) / (a + 1), 1];
    const numerator =
      i % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [numerator, 1];
  });
  return Math.exp(logFront) / fraction;
}

/** The x with I_x(a, b) = p, by bisection: 200 halvings reach the last bit of a double. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 200 && high - low > 0; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (regularizedBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The complementary error function for x >= 0: a series below 1.5, a continued fraction above (DLMF 7.6.2, 7.9.1). */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 1.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  const fraction = continuedFraction(x, (i) => [i / 2, x]);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** The z with P(|Z| <= z) = confidence for a standard normal Z, 0 < confidence < 1. */
export function twoSidedNormalQuantile(confidence: number): number {
  let low = 0;
  let high = 40;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (1 - erfc(middle / Math.SQRT2) < confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
