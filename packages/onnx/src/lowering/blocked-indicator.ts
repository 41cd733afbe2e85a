import { float } from '../graph/attribute.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { blockedNode } from './blocked-convolution.js';

/** Times the smallest normal float32 this is 2, times zero it is zero: a step function in one multiplication. */
const STEEP = 2 ** 127;

/**
 * Comparisons in the blocked layout, as 1x1 depthwise convolutions with the fused activation
 * min(1, max(0, STEEP x + offset)): one pass over the memory on all threads. An overflow to infinity is cut off by the
 * minimum or maximum, so that the result is 0 or 1 for every finite x.
 */
function step(
  graph: GraphBuilder,
  x: string,
  channels: number,
  sign: 1 | -1,
  offset: 0 | 1,
  addend?: string,
): string {
  const weights = graph.constant(new Float32Array(channels).fill(sign), [channels, 1, 1, 1]);
  return blockedNode(graph, 'Conv', [x, weights, undefined, addend], {
    kernel_shape: [1, 1],
    group: channels,
    activation: 'HardSigmoid',
    activation_params: float([STEEP, offset]),
  });
}

/** 1 where x > 0, else 0. */
export function isPositive(graph: GraphBuilder, x: string, channels: number): string {
  return step(graph, x, channels, 1, 0);
}

/** 1 where x equals its bound, else 0. @param negativeBound minus a bound that x never exceeds */
export function reachesBound(
  graph: GraphBuilder,
  x: string,
  negativeBound: string,
  channels: number,
): string {
  return step(graph, x, channels, 1, 1, negativeBound);
}
