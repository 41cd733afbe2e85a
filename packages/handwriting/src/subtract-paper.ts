import { largestNearby, type Plane, plane, quantile, smallestNearby } from './_plane.js';
import type { Light } from './read-light.js';

/** Whether the ink is darker or lighter than its paper. */
export type Polarity = 'dark' | 'light';

export interface Ink {
  /** Contrast of each pixel with the paper beneath it: 0 is paper, 1 would be black ink on white. */
  readonly contrast: Plane;
  /** Light of the paper, its colours weighted as for the contrast. */
  readonly paper: Plane;
  /** How far the light itself, without any estimate of the paper, changes within three pixels; in the contrast's unit. */
  readonly edges: Plane;
  /** Contrast that noise alone can reach. */
  readonly floor: number;
}

/** Keeps noise in dark places from counting as contrast. */
const DARKEST_PAPER = 0.12;
const LEAST_CONTRAST = 0.05;
/** Reach, in pixels, of the search for edges. */
const EDGE = 3;

/**
 * Estimates the paper as what remains when everything narrower than `reach` pixels is filled with its surroundings (a
 * morphological closing for dark ink, an opening for light): shadows, vignettes and the desk's edge are wider and so
 * belong to the paper. The contrast is relative to the paper's light, so a stroke in the shade counts like one in the sun.
 * Colours are weighted by how much of the ink each of them shows (the first principal direction).
 */
export function subtractPaper(light: Light, polarity: Polarity, reach: number): Ink {
  const radius = Math.max(2, Math.round(reach / 2));
  const papers: Plane[] = [];
  const contrasts = light.planes.map((values) => {
    const paper =
      polarity === 'dark'
        ? smallestNearby(largestNearby(values, radius), radius)
        : largestNearby(smallestNearby(values, radius), radius);
    papers.push(paper);
    const out = plane(values.width, values.height);
    const sign = polarity === 'dark' ? 1 : -1;
    for (let i = 0; i < out.data.length; i++) {
      const under = paper.data[i]!;
      out.data[i] = (sign * (under - values.data[i]!)) / fullContrast(under, polarity);
    }
    // The extremes of noise lift the estimate evenly.
    const bias = quantile(out.data, 0.5);
    if (bias > 0) for (let i = 0; i < out.data.length; i++) out.data[i] = Math.max(0, out.data[i]! - bias);
    return out;
  });
  const weights = principalDirection(contrasts);
  const paper = mix(papers, weights);
  const values = mix(light.planes, weights);
  const edges = largestNearby(values, EDGE);
  const low = smallestNearby(values, EDGE);
  for (let i = 0; i < edges.data.length; i++)
    edges.data[i] = (edges.data[i]! - low.data[i]!) / fullContrast(paper.data[i]!, polarity);
  const noise = light.noise / fullContrast(quantile(paper.data, 0.3), polarity);
  return { contrast: mix(contrasts, weights), paper, edges, floor: Math.max(LEAST_CONTRAST, 5 * noise) };
}

/** Difference in light that counts as contrast 1. Light ink is measured against what it could reflect, which the paper hardly tells. */
function fullContrast(paper: number, polarity: Polarity): number {
  return polarity === 'dark' ? Math.max(paper, DARKEST_PAPER) : Math.min(1, 0.35 + paper);
}

function mix(planes: readonly Plane[], weights: readonly number[]): Plane {
  if (planes.length === 1) return planes[0]!;
  const out = plane(planes[0]!.width, planes[0]!.height);
  for (const [index, { data }] of planes.entries())
    for (let i = 0; i < data.length; i++) out.data[i]! += weights[index]! * data[i]!;
  return out;
}

/** First eigenvector of the second moments, by power iteration, scaled to the sum 1. Contrasts are never negative, nor is it. */
function principalDirection(contrasts: readonly Plane[]): number[] {
  const count = contrasts.length;
  if (count === 1) return [1];
  const moments = contrasts.map((a) =>
    contrasts.map((b) => {
      let sum = 0;
      for (let i = 0; i < a.data.length; i += 3) sum += a.data[i]! * b.data[i]!;
      return sum;
    }),
  );
  let direction = contrasts.map(() => 1 / count);
  for (let round = 0; round < 20; round++) {
    const next = moments.map((row) => row.reduce((sum, value, index) => sum + value * direction[index]!, 0));
    const total = next.reduce((a, b) => a + b, 0);
    if (total <= 0) return direction;
    direction = next.map((value) => value / total);
  }
  return direction;
}
