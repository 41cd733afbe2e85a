import { type Box, distanceTo, type Mask } from './_plane.js';
import { type Component, findComponents, sizeOf, unite } from './find-components.js';
import type { Ink } from './subtract-paper.js';

/** One or more pieces of ink that may be a digit. */
export interface Candidate {
  readonly labels: readonly number[];
  readonly box: Box;
  readonly area: number;
  /** Mean contrast of its ink with the paper, 0 to 1. */
  readonly contrast: number;
  /** Widest place of its strokes, in pixels. */
  readonly strokeWidth: number;
  /** Share of its outline that is an edge of the light itself, 0 to 1: low where the paper's estimate cut it. */
  readonly sharpness: number;
  /** How much it looks like a digit rather than a shadow, a speck, a stain or a cut-off edge; 0 to 1, larger is better. */
  readonly score: number;
}

export interface Candidates {
  readonly labels: Int32Array;
  /** Best first. */
  readonly found: readonly Candidate[];
}

/** A digit's box encloses paper; a frame's ink hugs its box. */
const FRAME_SHARE = 0.86;
const SMALLEST_PIECE = 0.12;

/**
 * Joins the pieces of each digit and scores what they make.
 * @param strokes what is looked for is written; without, it may be as broad as it is long
 */
export function findCandidates(mask: Mask, { contrast, edges }: Ink, strokes = true): Candidates {
  const { labels, components } = findComponents(mask, contrast);
  const leastArea = Math.max(4, 0.00006 * mask.data.length);
  const pieces = components
    .filter(({ area }) => area >= leastArea)
    .sort((a, b) => b.area - a.area)
    .slice(0, 400);
  const drawn = dropFrames(mask, labels, pieces);
  const depth = distanceTo(mask, 0);
  const depths = new Float32Array(components.length + 1);
  for (let i = 0; i < labels.length; i++)
    if (labels[i]) depths[labels[i]!] = Math.max(depths[labels[i]!]!, depth.data[i]!);
  const groups = joinPieces(mask, labels, drawn, depths);
  const levels = [0, ...components.map((piece) => piece.contrast)];
  const supported = new Float64Array(components.length + 1);
  const outlines = new Float64Array(components.length + 1);
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i] || depth.data[i]! >= 2) continue;
    supported[labels[i]!]! += Math.min(1, edges.data[i]! / Math.max(0.6 * levels[labels[i]!]!, 1e-6));
    outlines[labels[i]!]!++;
  }
  const side = Math.max(mask.width, mask.height);
  const found = groups.map((group): Candidate => {
    const box = group.map((piece) => piece.box).reduce(unite);
    const area = group.reduce((sum, piece) => sum + piece.area, 0);
    const level = group.reduce((sum, piece) => sum + piece.contrast * piece.area, 0) / area;
    const strokeWidth = 2 * group.reduce((most, { label }) => Math.max(most, depths[label]!), 0) - 1;
    const outline = group.reduce((sum, { label }) => sum + outlines[label]!, 0);
    // Where the paper's estimate jumps and the light does not, there is an outline without an edge.
    const sharpness = group.reduce((sum, { label }) => sum + supported[label]!, 0) / Math.max(1, outline);
    const size = sizeOf(box);
    // Pixels blur the width of a stroke by about one.
    const thickness = Math.max(1, strokeWidth - 1.2) / size;
    const thinness = strokes ? Math.min(1, Math.max(0.05, 1 - (thickness - 0.26) * 6)) : 1;
    const onBorder = group.reduce((sum, piece) => sum + piece.onBorder, 0);
    const border = onBorder < 0.12 * size ? 1 : Math.max(0.1, 0.8 - onBorder / size);
    const shortSide = Math.min(box.right - box.left, box.bottom - box.top);
    // A long thin flat piece is a remnant of a line: no digit lies on its side.
    const flat = box.right - box.left > 3.2 * (box.bottom - box.top) ? 0.2 : 1;
    // Nor is a needle, or a scrap that grows from the picture's border.
    const needle = shortSide < 0.03 * size ? 0.3 : 1;
    const scrap = onBorder > 0 && (size < 0.3 * side || shortSide < 0.17 * size) ? 0.2 : 1;
    const score =
      Math.min(1, level) ** 0.6 *
      sharpness ** 3 *
      (size / side) ** 0.7 *
      thinness *
      border *
      flat *
      needle *
      scrap;
    return {
      labels: group.map(({ label }) => label),
      box,
      area,
      contrast: level,
      strokeWidth,
      sharpness,
      score,
    };
  });
  return { labels, found: withoutRuling(found).sort((a, b) => b.score - a.score) };
}

/** What scores less than this beside the best says nothing of the ink; ruling is this thin, and this much fainter than ink. */
const STRONG_SCORE = 0.15;
const RULING_WIDTH = 0.05;
const RULING_CONTRAST = 0.7;

/** Thin and much fainter than other ink: what is left of the paper's lines, however large. */
function withoutRuling(found: readonly Candidate[]): Candidate[] {
  const top = Math.max(...found.map(({ score }) => score));
  const strongest = Math.max(
    ...found.filter(({ score }) => score >= STRONG_SCORE * top).map(({ contrast }) => contrast),
  );
  return found.map((candidate) => {
    const { contrast, strokeWidth, box, score } = candidate;
    if (strokeWidth > RULING_WIDTH * sizeOf(box)) return candidate;
    return { ...candidate, score: score * Math.min(1, contrast / (RULING_CONTRAST * strongest)) ** 2 };
  });
}

/** Removes what surrounds other ink, and lone rectangles. */
function dropFrames(mask: Mask, labels: Int32Array, pieces: readonly Component[]): Component[] {
  return pieces.filter((piece) => {
    const { box } = piece;
    const size = sizeOf(box);
    if (size < 0.12 * Math.max(mask.width, mask.height)) return true;
    const inner = pieces.some(
      (other) =>
        other !== piece &&
        other.box.left > box.left &&
        other.box.right < box.right &&
        other.box.top > box.top &&
        other.box.bottom < box.bottom &&
        sizeOf(other.box) >= 0.18 * size,
    );
    if (inner) return hugsBox(mask, labels, piece, 0.16) < FRAME_SHARE;
    // Upright and narrow, it is a straight 1.
    if (box.right - box.left < 0.2 * (box.bottom - box.top)) return true;
    return hugsBox(mask, labels, piece, 0.07) < 0.97 || !reachesCorners(mask, labels, piece);
  });
}

/** Share of the ink that lies within `margin` of the box's edges. */
function hugsBox(
  { width }: Mask,
  labels: Int32Array,
  { label, box, area }: Component,
  margin: number,
): number {
  const across = margin * (box.right - box.left) + 2;
  const down = margin * (box.bottom - box.top) + 2;
  let near = 0;
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++)
      if (
        labels[y * width + x] === label &&
        (x - box.left < across || box.right - x <= across || y - box.top < down || box.bottom - y <= down)
      )
        near++;
  return near / area;
}

function reachesCorners({ width }: Mask, labels: Int32Array, { label, box }: Component): boolean {
  const across = Math.ceil(0.08 * (box.right - box.left)) + 1;
  const down = Math.ceil(0.08 * (box.bottom - box.top)) + 1;
  const inked = (x0: number, y0: number) => {
    for (let y = y0; y < y0 + down; y++)
      for (let x = x0; x < x0 + across; x++) if (labels[y * width + x] === label) return true;
    return false;
  };
  return (
    inked(box.left, box.top) &&
    inked(box.right - across, box.top) &&
    inked(box.left, box.bottom - down) &&
    inked(box.right - across, box.bottom - down)
  );
}

/** Groups of pieces that make one digit: a 5 and its bar, the halves of an open 4, the grains of a pencil stroke. */
function joinPieces(
  mask: Mask,
  labels: Int32Array,
  pieces: readonly Component[],
  depths: Float32Array,
): Component[][] {
  const parent = pieces.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at]!;
    return at;
  };
  const outlines = new Map<number, number[]>();
  const outlineOf = (piece: Component) => {
    let outline = outlines.get(piece.label);
    if (!outline) {
      outline = traceOutline(mask, labels, piece);
      outlines.set(piece.label, outline);
    }
    return outline;
  };
  for (const [i, a] of pieces.entries()) {
    for (let j = i + 1; j < pieces.length; j++) {
      const b = pieces[j]!;
      const size = Math.max(sizeOf(a.box), sizeOf(b.box));
      const smaller = Math.min(sizeOf(a.box), sizeOf(b.box));
      const width = 2 * Math.min(depths[a.label]!, depths[b.label]!) + 1;
      const reach = Math.max(0.16 * size, width);
      if (boxGap(a.box, b.box) > reach) continue;
      const overlapX = overlap(a.box.left, a.box.right, b.box.left, b.box.right);
      const overlapY = overlap(a.box.top, a.box.bottom, b.box.top, b.box.bottom);
      const contrastRatio = Math.min(a.contrast, b.contrast) / Math.max(a.contrast, b.contrast);
      if (contrastRatio < 0.45) continue;
      // Digits stand beside each other; what lies above the other, by most of its width, is a part.
      const twoDigits = smaller > 0.55 * size && overlapX < 0.5;
      const nested = overlapX > 0.6 && overlapY > 0.6;
      const tolerated =
        nested || isBarOf(a, b, overlapX, depths) || isBarOf(b, a, overlapX, depths)
          ? 0.16 * size
          : twoDigits
            ? Math.min(0.05 * size, 0.8 * width)
            : smaller < SMALLEST_PIECE * size
              ? Math.min(0.05 * size, 0.7 * width) + 1
              : overlapX > 0.5 || overlapY > 0.5
                ? 0.15 * size
                : 0.06 * size;
      if (closerThan(outlineOf(a), outlineOf(b), tolerated, mask.width)) parent[rootOf(j)] = rootOf(i);
    }
  }
  const groups = new Map<number, Component[]>();
  for (const [index, piece] of pieces.entries()) {
    const root = rootOf(index);
    groups.set(root, [...(groups.get(root) ?? []), piece]);
  }
  return [...groups.values()];
}

/** A 5's bar, written last and a little away: flat, above, by the same pen. */
function isBarOf(
  { box, label }: Component,
  body: Component,
  overlapX: number,
  depths: Float32Array,
): boolean {
  const pens = depths[label]! / depths[body.label]!;
  return (
    overlapX > 0.25 &&
    pens > 0.5 &&
    pens < 2 &&
    box.right - box.left > 2.2 * (box.bottom - box.top) &&
    box.bottom - box.top < 0.5 * (body.box.bottom - body.box.top) &&
    box.bottom < (body.box.top + body.box.bottom) / 2
  );
}

const boxGap = (a: Box, b: Box) =>
  Math.hypot(
    Math.max(0, a.left - b.right, b.left - a.right),
    Math.max(0, a.top - b.bottom, b.top - a.bottom),
  );

/** Share of the shorter interval that both cover. */
const overlap = (a0: number, a1: number, b0: number, b1: number) =>
  Math.max(0, Math.min(a1, b1) - Math.max(a0, b0)) / Math.min(a1 - a0, b1 - b0);

function traceOutline({ width, height }: Mask, labels: Int32Array, { label, box }: Component): number[] {
  const outline: number[] = [];
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++) {
      const i = y * width + x;
      if (labels[i] !== label) continue;
      const inside =
        x > 0 &&
        y > 0 &&
        x < width - 1 &&
        y < height - 1 &&
        labels[i - 1] === label &&
        labels[i + 1] === label &&
        labels[i - width] === label &&
        labels[i + width] === label;
      if (!inside) outline.push(i);
    }
  const stride = Math.max(1, Math.floor(outline.length / 400));
  return stride === 1 ? outline : outline.filter((_, index) => index % stride === 0);
}

function closerThan(a: readonly number[], b: readonly number[], distance: number, width: number): boolean {
  const limit = (distance + 1) ** 2;
  for (const i of a) {
    const x = i % width;
    const y = (i - x) / width;
    for (const j of b) {
      const u = j % width;
      const v = (j - u) / width;
      if ((x - u) ** 2 + (y - v) ** 2 <= limit) return true;
    }
  }
  return false;
}
