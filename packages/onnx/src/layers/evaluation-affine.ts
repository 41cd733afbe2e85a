import { type NetworkWeight, normalizationOptions } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { NetworkNode } from '../network/network.js';

/** The evaluation pass as y = scale x + shift: scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. */
export function evaluationAffine(
  graph: GraphBuilder,
  node: NetworkNode,
  weight: (weight: NetworkWeight) => string,
): { readonly scale: string; readonly shift: string } {
  const { gamma, beta, movingMean, movingVariance, epsilon } = normalizationOptions(node);
  const variance = graph.add(weight(movingVariance), graph.scalar(epsilon));
  const inverse = graph.node('Reciprocal', [graph.node('Sqrt', [variance])]);
  const scale = gamma ? graph.multiply(weight(gamma), inverse) : inverse;
  const moved = graph.multiply(weight(movingMean), scale);
  return { scale, shift: beta ? graph.subtract(weight(beta), moved) : graph.negate(moved) };
}
