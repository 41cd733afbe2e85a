import type { Mask, Plane } from './_plane.js';
import { type Candidate, type Candidates, findCandidates } from './find-candidates.js';
import type { Light } from './read-light.js';
import { removeLines } from './remove-lines.js';
import { type Ink, type Polarity, subtractPaper } from './subtract-paper.js';
import { thresholdInk } from './threshold-ink.js';

/** What a picture's ink is taken to be, and the steps by which it was found. */
export interface FoundInk {
  readonly polarity: Polarity;
  /** Widest stroke looked for, in pixels of the planes. */
  readonly reach: number;
  readonly ink: Ink;
  readonly thresholded: Mask;
  readonly withoutLines: Mask;
  readonly lines: number;
  readonly candidates: Candidates;
}

/** Widest strokes tried, as a share of the picture's shorter side. */
const REACHES = [1 / 14, 1 / 7, 1 / 3.5, 1 / 1.8];
/** Things that are not written may be as broad as the picture. */
const WHOLE = [1.9];
const BEYOND_DOUBT = 0.3;
const CLEARLY_BETTER = 1.07;

export interface FindOptions {
  /** Look for ink of this polarity alone. */
  readonly only?: Polarity;
  /** What is looked for is written, in strokes. Default true. */
  readonly strokes?: boolean;
}

/**
 * Looks for dark ink and for light ink, with narrow strokes and with wide ones, and keeps the reading whose best candidate
 * looks most like a digit. So polarity is decided by the ink, and neither the border nor the brightness of the picture
 * has a say. Of equal readings the one with the narrower strokes wins, which
 * takes more of the shadows for paper, unless a wider one shows more of the same digit.
 */
export function findInk(light: Light, { only, strokes = true }: FindOptions = {}): FoundInk {
  const { width, height } = light.planes[0] as Plane;
  let best: FoundInk | undefined;
  let bestScore = -1;
  for (const share of strokes ? REACHES : WHOLE) {
    const reach = Math.max(7, share * Math.min(width, height));
    for (const polarity of ['dark', 'light'] as const) {
      if (only && polarity !== only) continue;
      const ink = subtractPaper(light, polarity, reach);
      const thresholded = thresholdInk(ink, reach, strokes ? undefined : 0);
      const { mask, removed } = strokes ? removeLines(thresholded) : { mask: thresholded, removed: 0 };
      const candidates = findCandidates(mask, ink, strokes);
      const first = candidates.found[0];
      const score = first?.score ?? 0;
      if (best && score <= CLEARLY_BETTER * bestScore && !completes(best, polarity, first, bestScore))
        continue;
      best = { polarity, reach, ink, thresholded, withoutLines: mask, lines: removed, candidates };
      bestScore = Math.max(score, bestScore);
    }
    // Wider strokes than the best candidate has need not be tried, once it looks like a digit beyond doubt.
    const strokeWidth = best?.candidates.found[0]?.strokeWidth ?? Number.POSITIVE_INFINITY;
    if (bestScore > BEYOND_DOUBT && reach > 3 * strokeWidth) break;
  }
  return best!;
}

/** Whether a wider reach found the same digit with more of its ink: the narrower one took its thick places for paper. */
function completes(
  best: FoundInk,
  polarity: Polarity,
  first: Candidate | undefined,
  bestScore: number,
): boolean {
  const before = best.candidates.found[0];
  return (
    before !== undefined &&
    first !== undefined &&
    polarity === best.polarity &&
    first.score >= bestScore / CLEARLY_BETTER &&
    first.area > 1.03 * before.area
  );
}
