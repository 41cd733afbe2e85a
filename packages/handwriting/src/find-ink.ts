import type { Box, Mask, Plane } from './_plane.js';
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
 * has a say. Of equal readings the one with the narrower strokes wins, which takes more of the shadows for paper, unless a
 * wider one shows more of the same digit. Of dark ink and the paper that it encloses, such as the loops of an 8, the ink wins.
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
      if (best && candidates === found) {
        const { polarity: known } = best;
        if (known === 'dark' && polarity === 'light' && isCounterOf(found, best.candidates, width)) continue;
        const encloses =
          known === 'light' && polarity === 'dark' && isCounterOf(best.candidates, found, width);
        if (!encloses && meritOf(found, best.candidates) <= CLEARLY_BETTER * bestScore) continue;
      }
      const score = meritOf(candidates);
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

/** How much worse a digit may score, and how much fainter it may be, than what it encloses. */
const ENCLOSING_SCORE = 0.3;
const ENCLOSING_CONTRAST = 0.5;
/** A label that bears a light digit fills so much of its box. */
const LABEL_SHARE = 0.75;
/** Share of a counter's outline that lies at most so many pixels from the ink around it; a board's frame keeps off. */
const TOUCHING_SHARE = 0.5;
const TOUCHING = 4;

/**
 * Whether the best light thing is paper that the best dark one encloses, as in the loops of a 9. The other way round there
 * is no telling: a white sheet encloses its digit as light ink encloses its ground.
 */
function isCounterOf(light: Candidates, dark: Candidates, width: number): boolean {
  const [counter, digit] = [light.found[0], dark.found[0]];
  if (!counter || !digit || !isWithin(counter.box, digit.box)) return false;
  const { left, top, right, bottom } = digit.box;
  if (
    digit.score < ENCLOSING_SCORE * counter.score ||
    digit.contrast < ENCLOSING_CONTRAST * Math.min(1, counter.contrast) ||
    digit.area + counter.area >= LABEL_SHARE * (right - left) * (bottom - top)
  )
    return false;
  const isInk = new Set(digit.labels);
  const isPaper = new Set(counter.labels);
  let outline = 0;
  let touching = 0;
  for (let y = counter.box.top; y < counter.box.bottom; y++)
    for (let x = counter.box.left; x < counter.box.right; x++) {
      const i = y * width + x;
      if (!isPaper.has(light.labels[i]!)) continue;
      if ([i - 1, i + 1, i - width, i + width].every((j) => isPaper.has(light.labels[j]!))) continue;
      outline++;
      for (let k = 1; k <= TOUCHING; k++)
        if ([i - k, i + k, i - k * width, i + k * width].some((j) => isInk.has(dark.labels[j]!))) {
          touching++;
          break;
        }
    }
  return touching >= TOUCHING_SHARE * outline;
}

const isWithin = (a: Box, b: Box) =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;

/**
 * The best candidate's score; more where several are about as good, as on a page of digits, each of which is small.
 * @param whole an earlier reading: what lies within its best candidate are pieces of that one
 */
function meritOf({ found }: Candidates, whole?: Candidates): number {
  const first = found[0];
  if (!first) return 0;
  const near = found.filter(
    ({ score, box, contrast }) =>
      score >= NEAR_SCORE * first.score &&
      sizeOf(box) >= NEAR_SIZE * sizeOf(first.box) &&
      contrast >= NEAR_CONTRAST * first.contrast,
  );
  const digit = whole?.found[0];
  if (digit && near.every(({ box }) => isWithin(box, digit.box))) return first.score;
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
