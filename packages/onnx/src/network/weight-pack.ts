import type { NetworkWeight } from '@mnist/engine';
import type { GraphBuilder } from '../graph/graph-builder.js';

/** Weights that lie one after the other in one flat float32 vector: one graph input, one optimiser update. */
export interface WeightPack {
  readonly weights: readonly NetworkWeight[];
  readonly offsets: readonly number[];
  /** Length of the flat vector. */
  readonly size: number;
}

export function packWeights(weights: readonly NetworkWeight[]): WeightPack {
  let size = 0;
  const offsets = weights.map((weight) => {
    const offset = size;
    size += weight.size;
    return offset;
  });
  return { weights, offsets, size };
}

/** Declares the flat vector as a graph input and cuts the weights out of it. Returns value names by weight name. */
export function unpackInput(graph: GraphBuilder, input: string, pack: WeightPack): Map<string, string> {
  if (pack.size === 0) return new Map();
  graph.label = `unpack ${input}`;
  graph.input(input, [pack.size]);
  return new Map(
    pack.weights.map((weight, index) => {
      const start = pack.offsets[index]!;
      const part = graph.slice(input, [0], [start], [start + weight.size]);
      return [weight.name, graph.reshape(part, weight.shape)];
    }),
  );
}

/** Joins values, one for each weight of the pack and in its own shape, into the flat vector. */
export function packValues(graph: GraphBuilder, values: readonly string[]): string {
  return graph.concatenate(
    values.map((value) => graph.reshape(value, [-1])),
    0,
  );
}
