import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { inputGradient, padAfter } from './portable-convolution.js';
import { tiles, windowPlaces } from './window.js';

/** Lower than any value that training meets, and finite, so that no provider turns it into NaN. */
const LOWEST = -3.4e38;

export function poolAttributes(window: Window) {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    pads: [...window.before, ...window.after],
  };
}

/**
 * Gradient of max pooling, NCHW. Place by place of the window, the part of `dy` that no earlier place has claimed goes
 * to the place whose value equals the window's maximum: ties go to the first, as in PyTorch, and every part is given
 * away exactly once.
 */
export function maxPoolGradient(
  graph: GraphBuilder,
  x: string,
  y: string,
  dy: string,
  window: Window,
  channels: number,
): string {
  const padded = padForWindows(graph, x, window);
  let unclaimed = dy;
  const claims: string[] = [];
  for (const [row, column] of windowPlaces(window)) {
    const values = valuesAtPlace(graph, padded, window, row, column);
    const isMaximum = graph.node('Cast', [graph.node('Equal', [values, y])], { to: 1 });
    const claim = graph.multiply(unclaimed, isMaximum);
    unclaimed = graph.subtract(unclaimed, claim);
    claims.push(claim);
  }
  return scatterWindows(graph, claims, window, channels);
}

/** Gradient of average pooling, NCHW; padding does not count. */
export function averagePoolGradient(
  graph: GraphBuilder,
  dy: string,
  window: Window,
  channels: number,
): string {
  const share = graph.multiply(dy, graph.constant(sharesOf(window), [1, 1, ...window.outputSize]));
  const claims = Array.from(windowPlaces(window), () => share);
  return scatterWindows(graph, claims, window, channels);
}

/** 1 / (places of the window that lie inside the image), for each output. */
function sharesOf(window: Window): Float32Array {
  const [rows, columns] = [0, 1].map((axis) =>
    Array.from({ length: window.outputSize[axis]! }, (_, index) => {
      const start = index * window.strides[axis]! - window.before[axis]!;
      const end = Math.min(start + window.kernel[axis]!, window.inputSize[axis]!);
      return end - Math.max(start, 0);
    }),
  ) as [number[], number[]];
  return Float32Array.from(rows.flatMap((height) => columns.map((width) => 1 / (height * width))));
}

/** Pads so that every window lies inside, and for tiling windows so that nothing lies outside the windows. */
function padForWindows(graph: GraphBuilder, x: string, window: Window): string {
  const after = window.outputSize.map((length, axis) => {
    const needed = (length - 1) * window.strides[axis]! + window.kernel[axis]!;
    return Math.max(needed - window.inputSize[axis]! - window.before[axis]!, 0);
  });
  if ([...window.before, ...after].every((length) => length === 0)) return x;
  const amounts = graph.integers([0, 0, ...window.before, 0, 0, ...after]);
  return graph.node('Pad', [x, amounts, graph.scalar(LOWEST)]);
}

function valuesAtPlace(
  graph: GraphBuilder,
  padded: string,
  window: Window,
  row: number,
  column: number,
): string {
  const starts = [row, column];
  const ends = starts.map(
    (start, axis) => start + (window.outputSize[axis]! - 1) * window.strides[axis]! + 1,
  );
  return graph.slice(padded, [2, 3], starts, ends, window.strides);
}

/**
 * Adds up what each window gives to each of its places.
 * @param claims one NCHW tensor of the output's size for each place of the window
 */
function scatterWindows(
  graph: GraphBuilder,
  claims: readonly string[],
  window: Window,
  channels: number,
): string {
  if (!tiles(window)) return scatterOverlapping(graph, claims, window, channels);
  const [height, width] = window.outputSize;
  const [rows, columns] = window.kernel;
  const lines = Array.from({ length: rows }, (_, row) => {
    const places = claims
      .slice(row * columns, (row + 1) * columns)
      .map((claim) => graph.reshape(claim, [-1, channels, height, 1, width, 1]));
    return graph.concatenate(places, 5);
  });
  const full = graph.reshape(graph.concatenate(lines, 3), [-1, channels, height * rows, width * columns]);
  return fitToInput(graph, full, window);
}

/** Crops what lies on padding; fills what no window reaches with zeros. */
function fitToInput(graph: GraphBuilder, full: string, window: Window): string {
  const covered = window.outputSize.map((length, axis) => length * window.kernel[axis]!);
  const ends = window.inputSize.map((length, axis) =>
    Math.min(window.before[axis]! + length, covered[axis]!),
  );
  const whole = ends.every((end, axis) => window.before[axis] === 0 && end === covered[axis]);
  const cropped = whole ? full : graph.slice(full, [2, 3], window.before, ends);
  const missing = window.inputSize.map((length, axis) => length - (ends[axis]! - window.before[axis]!));
  return padAfter(graph, cropped, missing);
}

/** One-hot depthwise transposed convolution: place (i, j) of each window adds to the pixel under it. */
function scatterOverlapping(
  graph: GraphBuilder,
  claims: readonly string[],
  window: Window,
  channels: number,
): string {
  const places = claims.length;
  const [height, width] = window.outputSize;
  const stacked = graph.concatenate(
    claims.map((claim) => graph.reshape(claim, [-1, channels, 1, height, width])),
    2,
  );
  const grouped = graph.reshape(stacked, [-1, channels * places, height, width]);
  const kernel = new Float32Array(channels * places * places);
  for (let output = 0; output < channels * places; output++) kernel[output * places + (output % places)] = 1;
  const outputs = channels * places;
  const oneHot = graph.constant(kernel, [outputs, 1, ...window.kernel]);
  return inputGradient(graph, grouped, oneHot, window, { outputs, inputs: channels, group: channels });
}
