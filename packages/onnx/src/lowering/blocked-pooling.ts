import type { Window } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { blockedNode } from './blocked-convolution.js';
import { reachesBound } from './blocked-indicator.js';
import { poolAttributes } from './portable-pooling.js';

/**
 * Gradient of max pooling with windows that tile the image, blocked layout.
 *
 * A pixel that equals the maximum of its window gets a rank, highest for the first place of the window; the pixel whose
 * rank is the window's highest gets the gradient. Equal values are common on flat backgrounds; the first one wins.
 */
export function maxPoolGradient(
  graph: GraphBuilder,
  x: string,
  y: string,
  dy: string,
  window: Window,
  channels: number,
  block: number,
): string {
  const [height, width] = window.inputSize;
  const spread = (pooled: string) =>
    fitToImage(graph, enlarge(graph, pooled, window), window, channels, block);
  const isMaximum = reachesBound(graph, x, spread(y), channels);
  const lines = [-1, height * width * block];
  const ranks = graph.constant(placeRanks(window, block), [1, height * width * block]);
  const image = [-1, channels, height, width];
  const ranked = graph.reshape(graph.multiply(graph.reshape(isMaximum, lines), ranks), image);
  const highest = blockedNode(graph, 'MaxPool', [ranked], poolAttributes(window));
  const isFirst = reachesBound(graph, ranked, spread(highest), channels);
  return graph.multiply(isFirst, spread(dy));
}

/** For each pixel of a blocked image: places in the window, counted down to 1. */
function placeRanks(window: Window, block: number): Float32Array {
  const [height, width] = window.inputSize;
  const [rows, columns] = window.kernel;
  return Float32Array.from({ length: height * width * block }, (_, index) => {
    const pixel = Math.floor(index / block);
    const place = (Math.floor(pixel / width) % rows) * columns + ((pixel % width) % columns);
    return rows * columns - place;
  });
}

function enlarge(graph: GraphBuilder, x: string, window: Window): string {
  return blockedNode(graph, 'Upsample', [x], { scales: [1, 1, ...window.kernel], mode: 'nearest' });
}

/** Cuts what lies beyond the image's edge; where the windows stop short of it, adds zeros. */
function fitToImage(graph: GraphBuilder, x: string, window: Window, channels: number, block: number): string {
  const [height, width] = window.inputSize;
  const covered = window.outputSize.map((length, axis) => length * window.kernel[axis]!);
  if (covered[0] === height && covered[1] === width) return x;
  const pixels = graph.reshape(x, [-1, channels / block, ...covered, block]);
  const cut = graph.slice(pixels, [2, 3], [0, 0], [height, width]);
  const missing = covered.map((length, axis) => Math.max(window.inputSize[axis]! - length, 0));
  const amounts = graph.integers([0, 0, 0, 0, 0, 0, 0, ...missing, 0]);
  const filled = missing.some((length) => length > 0) ? graph.node('Pad', [cut, amounts]) : cut;
  return graph.reshape(filled, [-1, channels, height, width]);
}
