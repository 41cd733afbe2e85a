import { float } from '../graph/attribute.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { blockedNode } from './blocked-convolution.js';

/** Times the smallest normal float32 this is 2, times zero it is zero: a step function in one multiplication. */
const STEEP = 2 ** 127;

/**
 * Comparisons in the blocked layout, as 1x1 depthwise convolutions with the fused activation
 * min(1, max(0, slope x + offset)): one pass over the memory on all threads. An overflow to infinity is cut off by the
 * minimum or maximum, so that the result is 0 or 1 for every finite x.
 */
function step(
  graph: GraphBuilder,
  sources: readonly (string | undefined)[],
  channels: number,
  [slope, offset]: readonly [number, number],
): string {
  return blockedNode(graph, 'Conv', sources, {
    kernel_shape: [1, 1],
    group: channels,
    activation: 'HardSigmoid',
    activation_params: float([slope, offset]),
  });
}

const weights = (graph: GraphBuilder, channels: number, value: 1 | -1): string =>
  graph.constant(new Float32Array(channels).fill(value), [channels, 1, 1, 1]);

/** 1 where x > 0, else 0. */
export function isPositive(graph: GraphBuilder, x: string, channels: number): string {
  return step(graph, [x, weights(graph, channels, 1)], channels, [STEEP, 0]);
}

/** 1 where x equals its bound, which it never exceeds, else 0: 1 - STEEP (bound - x). */
export function reachesBound(graph: GraphBuilder, x: string, bound: string, channels: number): string {
  return step(graph, [x, weights(graph, channels, -1), undefined, bound], channels, [-STEEP, 1]);
}
