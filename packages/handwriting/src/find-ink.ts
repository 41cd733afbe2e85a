import type { Mask, Plane } from './_plane.js';
import { type Candidates, findCandidates } from './find-candidates.js';
import { sizeOf } from './find-components.js';
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
/** What a wider reach must keep of a digit's ink, and of its contrast and sharpness, to show more of the same digit. */
const SAME_INK = 0.9;
const SAME_KIND = 0.9;
const MORE_INK = 1.03;

export interface FindOptions {
  /** Look for ink of this polarity alone. */
  readonly only?: Polarity | undefined;
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
    const before = best;
    for (const polarity of ['dark', 'light'] as const) {
      if (only && polarity !== only) continue;
      const ink = subtractPaper(light, polarity, reach);
      const thresholded = thresholdInk(ink, reach, strokes ? undefined : 0);
      const { mask, removed } = strokes ? removeLines(thresholded) : { mask: thresholded, removed: 0 };
      const found = findCandidates(mask, ink, strokes);
      const candidates = (best && polarity === best.polarity && completed(best.candidates, found)) || found;
      const score = meritOf(candidates);
      if (best && candidates === found && score <= CLEARLY_BETTER * bestScore) continue;
      best = { polarity, reach, ink, thresholded, withoutLines: mask, lines: removed, candidates };
      bestScore = Math.max(score, bestScore);
    }
    // A wider look that shows nothing better need not be followed by a still wider one.
    if (bestScore > BEYOND_DOUBT && best === before) break;
  }
  return best!;
}

/** What comes near the best candidate in score, size and contrast, and how much of it counts at most. */
const NEAR_SCORE = 0.3;
const NEAR_SIZE = 0.45;
const NEAR_CONTRAST = 0.45;
const NEAR_SHARE = 0.8;
const MOST_NEAR = 12;

/** The best candidate's score; more where several are about as good, as on a page of digits, each of which is small. */
function meritOf({ found }: Candidates): number {
  const first = found[0];
  if (!first) return 0;
  const near = found.filter(
    ({ score, box, contrast }) =>
      score >= NEAR_SCORE * first.score &&
      sizeOf(box) >= NEAR_SIZE * sizeOf(first.box) &&
      contrast >= NEAR_CONTRAST * first.contrast,
  );
  // The blobs of a texture are of all sizes: what is about as good must be nearly all that stands out as much.
  const alike = found.filter(({ contrast }) => contrast >= NEAR_CONTRAST * first.contrast);
  const areaOf = (some: Candidates['found']) => some.reduce((sum, { area }) => sum + area, 0);
  if (areaOf(near) < NEAR_SHARE * areaOf(alike)) return first.score;
  return Math.sqrt(near.slice(0, MOST_NEAR).reduce((sum, { score }) => sum + score ** 2, 0));
}

/**
 * The wider reach's candidates, the same digit first with all of its ink, where the narrower one took its thick places
 * for paper. A shadow that the wider one joins to the digit has less contrast or no edges.
 */
function completed(narrow: Candidates, wide: Candidates): Candidates | undefined {
  const before = narrow.found[0];
  if (!before) return undefined;
  const isOfDigit = new Set(before.labels);
  const shared = new Map<number, number>();
  for (let i = 0; i < narrow.labels.length; i++)
    if (isOfDigit.has(narrow.labels[i]!)) {
      const label = wide.labels[i]!;
      shared.set(label, (shared.get(label) ?? 0) + 1);
    }
  const first = wide.found.find(
    ({ labels, area, contrast, sharpness }) =>
      labels.reduce((sum, label) => sum + (shared.get(label) ?? 0), 0) >= SAME_INK * before.area &&
      area > MORE_INK * before.area &&
      contrast >= SAME_KIND * before.contrast &&
      sharpness >= SAME_KIND * before.sharpness,
  );
  if (!first) return undefined;
  const rest = wide.found.filter((other) => other !== first);
  return { ...wide, found: [{ ...first, score: Math.max(first.score, before.score) }, ...rest] };
}
