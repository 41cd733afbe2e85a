import type { Mask } from './_plane.js';

/** A ruling line as the height of its middle in each column from `from` on; for an upright line, columns are rows. */
interface Track {
  readonly from: number;
  readonly middles: number[];
  readonly seen: number;
  readonly thickness: number;
}

/** What a long straight stroke must have to be a line of the paper rather than a part of a digit. */
const LEAST_SPAN = 0.5;
const LEAST_SEEN = 0.55;
const STEEPEST = 0.25;

/**
 * Removes the lines of ruled and squared paper, margins and long frames, and leaves the strokes that cross them. As in the
 * removal of staff lines from music: thin runs across the direction are linked into tracks, and along a track only
 * runs no thicker than the line are erased.
 */
export function removeLines(mask: Mask): { mask: Mask; removed: number } {
  const level = removeAlong(mask);
  const upright = removeAlong(transpose(level.mask));
  return { mask: transpose(upright.mask), removed: level.removed + upright.removed };
}

function transpose({ width, height, data }: Mask): Mask {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x]!;
  return { width: height, height: width, data: out };
}

function removeAlong(mask: Mask): { mask: Mask; removed: number } {
  const { width, height } = mask;
  const thickest = Math.max(3, Math.round(0.03 * Math.min(width, height)));
  const tracks = followTracks(mask, thickest);
  if (tracks.length === 0) return { mask, removed: 0 };
  const out = { ...mask, data: mask.data.slice() };
  for (const track of tracks) erase(out, track);
  const rest = extent(out);
  const lines = tracks.filter((track) => isLine(track, tracks, rest, width));
  if (lines.length === tracks.length) return { mask: out, removed: lines.length };
  const kept = { ...mask, data: mask.data.slice() };
  for (const track of lines) erase(kept, track);
  return { mask: kept, removed: lines.length };
}

/**
 * Three parallel lines are ruling. One or two may be a digit's own (the bar of a 7, a stroke of a 4): they are the
 * paper's only where they go on well beyond the rest of the ink at both ends, or from edge to edge.
 */
function isLine(
  track: Track,
  all: readonly Track[],
  rest: { from: number; to: number; size: number } | undefined,
  width: number,
): boolean {
  if (all.length >= 3) return true;
  const to = track.from + track.middles.length;
  const touchesBoth = track.from <= 0.02 * width && to >= 0.98 * width;
  if (!rest) return touchesBoth || all.length > 1;
  const beyond = 0.12 * Math.max(rest.to - rest.from, 0.5 * rest.size);
  return track.from < rest.from - beyond && to > rest.to + beyond;
}

/** Columns and size within which nearly all ink lies. */
function extent({ width, height, data }: Mask): { from: number; to: number; size: number } | undefined {
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  let total = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue;
      columns[x]!++;
      rows[y]!++;
      total++;
    }
  }
  if (total < 0.0005 * data.length) return undefined;
  const across = middle(columns, total);
  const down = middle(rows, total);
  return { ...across, size: Math.max(across.to - across.from, down.to - down.from) };
}

function middle(counts: Float64Array, total: number): { from: number; to: number } {
  let from = 0;
  let to = counts.length;
  for (let sum = counts[from]!; sum < 0.03 * total; sum += counts[from]!) from++;
  for (let sum = counts[to - 1]!; sum < 0.03 * total; sum += counts[to - 1]!) to--;
  return { from, to };
}

interface OpenTrack {
  from: number;
  last: number;
  height: number;
  slope: number;
  points: { x: number; y: number; thickness: number }[];
}

function followTracks({ width, height, data }: Mask, thickest: number): Track[] {
  const longestGap = Math.max(4, Math.round(0.14 * width));
  let open: OpenTrack[] = [];
  const closed: OpenTrack[] = [];
  for (let x = 0; x < width; x++) {
    const runs: { y: number; thickness: number; taken: boolean }[] = [];
    for (let y = 0; y < height; y++) {
      if (!data[y * width + x]) continue;
      let end = y + 1;
      while (end < height && data[end * width + x]) end++;
      if (end - y <= thickest) runs.push({ y: (y + end - 1) / 2, thickness: end - y, taken: false });
      y = end;
    }
    for (const track of open) {
      const gap = x - track.last;
      const expected = track.height + track.slope * gap;
      let best: (typeof runs)[0] | undefined;
      for (const run of runs)
        if (
          !run.taken &&
          Math.abs(run.y - expected) <= 1.6 + 0.06 * gap &&
          (!best || Math.abs(run.y - expected) < Math.abs(best.y - expected))
        )
          best = run;
      if (!best) continue;
      best.taken = true;
      const anchor = track.points[Math.max(0, track.points.length - 24)]!;
      track.points.push({ x, y: best.y, thickness: best.thickness });
      if (x - anchor.x >= 8)
        track.slope = Math.max(-STEEPEST, Math.min(STEEPEST, (best.y - anchor.y) / (x - anchor.x)));
      track.height = 0.5 * best.y + 0.5 * expected;
      track.last = x;
    }
    for (const run of runs)
      if (!run.taken)
        open.push({
          from: x,
          last: x,
          height: run.y,
          slope: 0,
          points: [{ x, y: run.y, thickness: run.thickness }],
        });
    const still = open.filter((track) => x - track.last <= Math.min(longestGap, 3 + track.points.length));
    for (const track of open) if (!still.includes(track)) closed.push(track);
    open = still;
  }
  return [...closed, ...open]
    .filter(({ from, last, points }) => {
      const span = last - from + 1;
      return span >= LEAST_SPAN * width && points.length >= LEAST_SEEN * span && isStraight(points, width);
    })
    .map(toTrack);
}

/** Paper in a photo bends a little; a digit's stroke bends more. */
function isStraight(points: OpenTrack['points'], width: number): boolean {
  const count = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  let xx = 0;
  let xy = 0;
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  const slope = xy / xx;
  const error = Math.sqrt(
    points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0) / count,
  );
  return error <= 0.012 * width && Math.abs(slope) <= STEEPEST;
}

function toTrack({ from, last, points }: OpenTrack): Track {
  const middles: number[] = [];
  let next = 0;
  for (let x = from; x <= last; x++) {
    while (points[next]!.x < x) next++;
    const after = points[next]!;
    const before = after.x === x ? after : points[next - 1]!;
    const share = after.x === before.x ? 0 : (x - before.x) / (after.x - before.x);
    middles.push(before.y + share * (after.y - before.y));
  }
  const thicknesses = points.map(({ thickness }) => thickness).sort((a, b) => a - b);
  return { from, middles, seen: points.length, thickness: thicknesses[Math.floor(thicknesses.length / 2)]! };
}

function erase({ width, height, data }: Mask, { from, middles, thickness }: Track): void {
  const most = Math.ceil(1.5 * thickness) + 1;
  for (const [index, middleY] of middles.entries()) {
    const x = from + index;
    // The run nearest to the middle, a pixel or two beside it at most.
    const start = [0, -1, 1, -2, 2]
      .map((offset) => Math.round(middleY) + offset)
      .find((y) => y >= 0 && y < height && data[y * width + x]);
    if (start === undefined) continue;
    let top = start;
    let bottom = start;
    while (top > 0 && data[(top - 1) * width + x]) top--;
    while (bottom < height - 1 && data[(bottom + 1) * width + x]) bottom++;
    if (bottom - top + 1 > most) continue;
    for (let y = top; y <= bottom; y++) data[y * width + x] = 0;
  }
}
