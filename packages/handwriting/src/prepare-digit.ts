import type { NdArray } from 'ndarray';
import { type ReadOptions, readOptions } from './_options.js';
import { type Box, cropPlane, type Mask, type Plane, quantile } from './_plane.js';
import { recognisePrepared } from './_recognise-prepared.js';
import type { Candidate } from './find-candidates.js';
import { sizeOf, unite } from './find-components.js';
import { type FoundInk, findInk } from './find-ink.js';
import { HandwritingError } from './handwriting-error.js';
import { type Normalisation, normaliseDigit } from './normalise-digit.js';
import { channelsOf, type Picture } from './picture.js';
import type { PrepareOptions } from './prepare-options.js';
import { type Light, readLight } from './read-light.js';
import type { Polarity } from './subtract-paper.js';

/** What a reader of the result should know. */
export type HandwritingWarning =
  /** More than one thing looks like a digit; `prepareDigit` took the most prominent. */
  | 'several-digits'
  /** The ink hardly differs from its paper. */
  | 'low-contrast'
  /** The ink runs off the picture. */
  | 'cut-off'
  /** Wider than any digit: perhaps two that touch. */
  | 'touching-digits';

export interface PreparedDigit {
  /** uint8, [28, 28] (the normalisation's side), white ink on black. */
  readonly image: NdArray<Uint8Array>;
  /** Where it is in the picture, in the picture's pixels. */
  readonly box: Box;
  /** Contrast of its ink with the paper, 0 to 1. */
  readonly contrast: number;
  /** Mean stroke width, in the picture's pixels; widest place. */
  readonly strokeWidth: number;
  /** The picture already had the data set's form and was taken as it is. */
  readonly alreadyPrepared: boolean;
  readonly warnings: readonly HandwritingWarning[];
}

export interface PreparedDigits {
  /** In reading order: rows from the top, in each from the left. Empty where nothing looks like a digit. */
  readonly digits: readonly PreparedDigit[];
  /** Position in `digits` of the most prominent one; -1 where there is none. */
  readonly best: number;
  /** Share of the picture's pixels that are a digit's ink, 0 to 1. */
  readonly inkShare: number;
  /** Whether ink is darker or lighter than paper. */
  readonly polarity: Polarity;
  /** Lines of ruled or squared paper that were removed. */
  readonly lines: number;
}

/** Least score and contrast of a digit, and least score beside a better one. */
const LEAST_SCORE = 0.035;
const LEAST_CONTRAST = 0.06;
const FAINT = 0.1;
const LEAST_FAINT_SCORE = 0.11;
const SECOND = 0.3;
/** Digits of one picture are about equally large. */
const SECOND_SIZE = 0.45;
const LOW_CONTRAST = 0.16;
/** Digits smaller than this, in pixels of the working planes, are looked at again in their own neighbourhood. */
const CLOSE_LOOK = 56;
/** Among more things than this, digits must be a good share of the ink. */
const FEW = 15;
const LEAST_SHARE_OF_INK = 0.35;

/**
 * Finds every digit of a picture and brings each into the form of the data set.
 * @throws HandwritingError INVALID_PICTURE, INVALID_OPTION, TOO_SMALL
 */
export function prepareDigits(picture: Picture, options: PrepareOptions = {}): PreparedDigits {
  return prepare(picture, readOptions('prepareDigits', options)).result;
}

/**
 * The most prominent digit of a picture, in the form of the data set.
 * @throws HandwritingError NO_DIGIT where nothing looks like one; INVALID_PICTURE, INVALID_OPTION, TOO_SMALL
 */
export function prepareDigit(picture: Picture, options: PrepareOptions = {}): PreparedDigit {
  const { digits, best } = prepare(picture, readOptions('prepareDigit', options)).result;
  const digit = digits[best];
  if (!digit)
    throw new HandwritingError(
      'NO_DIGIT',
      `No digit found in ${picture.width} x ${picture.height} pixels: nothing stands out from the paper as a stroke would. Expected one digit, in ink that differs from its paper. Write larger or darker, or move closer.`,
    );
  return digits.length > 1 ? { ...digit, warnings: ['several-digits', ...digit.warnings] } : digit;
}

/** All that `explainDigit` draws. */
export interface Preparation {
  readonly result: PreparedDigits;
  readonly light?: Light;
  readonly found?: FoundInk;
  readonly digitMask?: Mask;
}

export function prepare(picture: Picture, { normalisation, ink }: ReadOptions): Preparation {
  channelsOf(picture);
  const ready = recognisePrepared(picture, normalisation);
  if (ready) {
    const { width, height } = picture;
    const inkShare = ready.data.filter((value) => value > 127).length / ready.data.length;
    const digit: PreparedDigit = {
      image: ready,
      box: { left: 0, top: 0, right: width, bottom: height },
      contrast: 1,
      strokeWidth: 0,
      alreadyPrepared: true,
      warnings: [],
    };
    return { result: { digits: [digit], best: 0, inkShare, polarity: 'light', lines: 0 } };
  }
  const light = readLight(picture);
  const strokes = normalisation.strokeWidth !== undefined;
  const found = findInk(light, { strokes, only: ink });
  const chosen = chooseDigits(picture, light, found, strokes);
  const digits: { candidate: Candidate; digit: PreparedDigit }[] = [];
  for (const candidate of inReadingOrder(chosen)) {
    const digit = lookClosely(picture, light, found, candidate, normalisation);
    // Pieces of one digit, which a close look showed whole, were candidates each.
    const same = digits.findIndex((other) => overlap(other.digit.box, digit.box));
    if (same < 0) digits.push({ candidate, digit });
    else if (candidate === chosen[0]) digits[same] = { candidate, digit };
  }
  const digitMask = maskOf(
    found,
    chosen.flatMap(({ labels }) => labels),
  );
  const inkShare = chosen.reduce((sum, { area }) => sum + area, 0) / digitMask.data.length;
  return {
    result: {
      digits: digits.map(({ digit }) => digit),
      best: digits.findIndex(({ candidate }) => candidate === chosen[0]),
      inkShare,
      polarity: found.polarity,
      lines: found.lines,
    },
    light,
    found,
    digitMask,
  };
}

function chooseDigits(picture: Picture, light: Light, found: FoundInk, strokes: boolean): Candidate[] {
  const { candidates, withoutLines } = found;
  const [first] = candidates.found;
  if (!first || first.contrast < LEAST_CONTRAST) return [];
  // What is tiny scores little, and is a digit all the same where its shape and contrast are beyond doubt.
  const size = sizeOf(first.box);
  const shape = first.score / (size / Math.max(withoutLines.width, withoutLines.height)) ** 0.7;
  const tinyDigit =
    first.contrast >= 0.3 &&
    size >= 6 &&
    Math.max(shape, closeLook(picture, light, found, first, strokes)?.candidate.score ?? 0) >= 0.3;
  // Noise in a dark place reaches the contrast of the faintest pencil; only a large and sharp shape is believed there.
  const least = first.contrast < FAINT ? LEAST_FAINT_SCORE : LEAST_SCORE;
  if (first.score < least && !tinyDigit) return [];
  const chosen = candidates.found.filter(
    ({ score, box, contrast }) =>
      score >= SECOND * first.score &&
      sizeOf(box) >= SECOND_SIZE * sizeOf(first.box) &&
      contrast >= 0.45 * first.contrast,
  );
  // Digits are most of the ink of their own contrast; the blobs of a texture are all alike.
  const alike = candidates.found.filter(({ contrast }) => contrast >= 0.5 * first.contrast);
  const areaOf = (some: readonly Candidate[]) => some.reduce((sum, { area }) => sum + area, 0);
  const isTexture = alike.length > FEW && areaOf(chosen) < LEAST_SHARE_OF_INK * areaOf(alike);
  return isTexture ? [] : chosen;
}

/** Rows from the top: a digit whose middle lies above the row's lower edge belongs to the row. */
function inReadingOrder(candidates: readonly Candidate[]): Candidate[] {
  const rows: Candidate[][] = [];
  for (const candidate of [...candidates].sort(
    (a, b) => a.box.top + a.box.bottom - b.box.top - b.box.bottom,
  )) {
    const middle = (candidate.box.top + candidate.box.bottom) / 2;
    const row = rows.at(-1);
    const bottoms = row?.map(({ box }) => box.bottom) ?? [];
    const bottom = bottoms.reduce((a, b) => a + b, 0) / Math.max(1, bottoms.length);
    if (row && middle < bottom) row.push(candidate);
    else rows.push([candidate]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.box.left - b.box.left));
}

function maskOf({ candidates, withoutLines }: FoundInk, labels: readonly number[]): Mask {
  const { length } = candidates.labels;
  const wanted = new Uint8Array(length + 1);
  for (const label of labels) wanted[label] = 1;
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) data[i] = wanted[candidates.labels[i]!]!;
  return { ...withoutLines, data };
}

/** Prepares one candidate; a small one from the full picture, of which the working planes show too little. */
function lookClosely(
  picture: Picture,
  light: Light,
  found: FoundInk,
  candidate: Candidate,
  normalisation: Normalisation,
): PreparedDigit {
  const close = closeLook(picture, light, found, candidate, normalisation.strokeWidth !== undefined);
  return close
    ? normalise(close.part, close.light, close.found, close.candidate, normalisation, close.around)
    : normalise(picture, light, found, candidate, normalisation, { left: 0, top: 0, right: 0, bottom: 0 });
}

/**
 * A small candidate again, in its own neighbourhood cut from the full picture; undefined where that shows no more. At
 * working size a thin stroke falls to pieces, so the neighbourhood grows until the digit lies inside it.
 */
function closeLook(picture: Picture, light: Light, found: FoundInk, { box }: Candidate, strokes: boolean) {
  if (sizeOf(box) >= CLOSE_LOOK || light.scale > 1) return undefined;
  const seen = scaleBox(box, 1 / light.scale, picture);
  let inner = seen;
  for (let round = 0; round < 3; round++) {
    const around = clip(grow(inner, 0.8 * sizeOf(inner) + 3 / light.scale), picture);
    if (sizeOf(around) >= 0.7 * Math.max(picture.width, picture.height)) return undefined;
    const part = cropPicture(picture, around);
    const closeLight = readLight(part);
    const close = findInk(closeLight, { only: found.polarity, strokes });
    const candidate = close.candidates.found.find((other) =>
      overlap(scaleBox(other.box, 1 / closeLight.scale, part), shift(seen, -around.left, -around.top)),
    );
    if (!candidate) return undefined;
    const whole = shift(scaleBox(candidate.box, 1 / closeLight.scale, part), around.left, around.top);
    const isCut =
      (whole.left <= around.left && around.left > 0) ||
      (whole.top <= around.top && around.top > 0) ||
      (whole.right >= around.right && around.right < picture.width) ||
      (whole.bottom >= around.bottom && around.bottom < picture.height);
    if (!isCut) return { part, light: closeLight, found: close, candidate, around };
    inner = unite(inner, whole);
  }
  return undefined;
}

function normalise(
  picture: Picture,
  light: Light,
  found: FoundInk,
  candidate: Candidate,
  normalisation: Normalisation,
  origin: Box,
): PreparedDigit {
  const { contrast } = found.ink;
  const cut = clip(grow(candidate.box, 2), contrast);
  const mask = maskOf(found, candidate.labels);
  const digitMask = cropMask(mask, cut);
  const near = cropPlane(contrast, cut);
  const inked = near.data.filter((_, i) => digitMask.data[i]);
  const level = quantile(inked, 0.7);
  const box = scaleBox(candidate.box, 1 / light.scale, picture);
  const { width, height } = picture;
  const warnings: HandwritingWarning[] = [];
  if (level < LOW_CONTRAST) warnings.push('low-contrast');
  if (origin.right === 0 && (box.left <= 0 || box.top <= 0 || box.right >= width || box.bottom >= height))
    warnings.push('cut-off');
  if (box.right - box.left > 1.6 * (box.bottom - box.top)) warnings.push('touching-digits');
  return {
    // A stroke is ink throughout; a thing keeps its greys, of which the strongest are white.
    image: normaliseDigit(
      near,
      digitMask,
      normalisation.strokeWidth ? level : quantile(inked, 0.98),
      normalisation,
    ),
    box: shift(box, origin.left, origin.top),
    contrast: Math.min(1, level),
    strokeWidth: candidate.strokeWidth / light.scale,
    alreadyPrepared: false,
    warnings,
  };
}

const grow = ({ left, top, right, bottom }: Box, by: number): Box => ({
  left: left - by,
  top: top - by,
  right: right + by,
  bottom: bottom + by,
});

const shift = ({ left, top, right, bottom }: Box, x: number, y: number): Box => ({
  left: left + x,
  top: top + y,
  right: right + x,
  bottom: bottom + y,
});

const clip = (
  { left, top, right, bottom }: Box,
  { width, height }: { width: number; height: number },
): Box => ({
  left: Math.max(0, Math.floor(left)),
  top: Math.max(0, Math.floor(top)),
  right: Math.min(width, Math.ceil(right)),
  bottom: Math.min(height, Math.ceil(bottom)),
});

const scaleBox = (box: Box, scale: number, size: { width: number; height: number }): Box =>
  clip(
    { left: box.left * scale, top: box.top * scale, right: box.right * scale, bottom: box.bottom * scale },
    size,
  );

/** Whether two boxes mean the same thing: a good part of the smaller lies in the other. */
function overlap(a: Box, b: Box): boolean {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  const area = ({ left, top, right, bottom }: Box) => (right - left) * (bottom - top);
  return width > 0 && height > 0 && width * height > 0.4 * Math.min(area(a), area(b));
}

function cropPicture(picture: Picture, box: Box): Picture {
  const channels = channelsOf(picture);
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((box.top + y) * picture.width + box.left) * channels;
    data.set(picture.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, data };
}

function cropMask(mask: Mask, box: Box): Mask {
  const cut: Plane = cropPlane({ ...mask, data: Float32Array.from(mask.data) }, box);
  return { ...cut, data: Uint8Array.from(cut.data) };
}
