import { type NetworkWeight, numberOption } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { NetworkNode } from '../network/network.js';

/** The weights of a batch normalisation by their roles; absent where the layer was built without. */
export interface NormalizationWeights {
  readonly gamma?: NetworkWeight;
  readonly beta?: NetworkWeight;
  readonly movingMean: NetworkWeight;
  readonly movingVariance: NetworkWeight;
}

export function normalizationWeights(node: NetworkNode): NormalizationWeights {
  const rest = [...node.weights];
  const gamma = node.config.scale === false ? undefined : rest.shift();
  const beta = node.config.center === false ? undefined : rest.shift();
  return { gamma, beta, movingMean: rest[0]!, movingVariance: rest[1]! };
}

/** The evaluation pass as y = scale x + shift: scale = gamma / sqrt(variance + epsilon), shift = beta - mean scale. */
export function evaluationAffine(
  graph: GraphBuilder,
  node: NetworkNode,
  weight: (weight: NetworkWeight) => string,
): { readonly scale: string; readonly shift: string } {
  const { gamma, beta, movingMean, movingVariance } = normalizationWeights(node);
  const variance = graph.add(weight(movingVariance), graph.scalar(numberOption(node, 'epsilon')));
  const inverse = graph.node('Reciprocal', [graph.node('Sqrt', [variance])]);
  const scale = gamma ? graph.multiply(weight(gamma), inverse) : inverse;
  const moved = graph.multiply(weight(movingMean), scale);
  return { scale, shift: beta ? graph.subtract(weight(beta), moved) : graph.negate(moved) };
}
