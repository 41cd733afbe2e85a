import { GraphBuilder } from './graph/graph-builder.js';
import type { LayerContext } from './layers/layer-compiler.js';
import type { Lowering } from './lowering/lowering.js';
import { foldNormalization } from './network/fold-normalization.js';
import type { Network } from './network/network.js';
import { packWeights, unpackInput } from './network/weight-pack.js';
import { writeForward } from './network/write-forward.js';

export interface InferenceGraph {
  readonly model: Uint8Array;
  readonly batchSize: number;
}

/**
 * Compiles the evaluation pass with the weights as inputs, so that one session serves every state of a training.
 * Inputs: `images`, `parameters`, `statistics`. Output: `logits`.
 */
export function compileInference(
  network: Network,
  options: { readonly batchSize: number; readonly lowering: (graph: GraphBuilder) => Lowering },
): InferenceGraph {
  const graph = new GraphBuilder();
  const lowering = options.lowering(graph);
  const weights = new Map([
    ...unpackInput(graph, 'parameters', packWeights(network.parameters)),
    ...unpackInput(graph, 'statistics', packWeights(network.statistics)),
  ]);
  const shape = [options.batchSize, ...network.inputShape];
  const images = { name: graph.input('images', shape), shape, layout: 'plain' } as const;
  const context = inferenceContext(lowering, (name) => weights.get(name)!);
  const { output } = writeForward(foldNormalization(network), images, context);
  graph.label = 'result';
  graph.output('logits', lowering.plain(output).name, [options.batchSize, ...network.outputShape]);
  return { model: graph.build(), batchSize: options.batchSize };
}

/** A context for evaluation: running statistics, no dropout. */
export function inferenceContext(lowering: Lowering, weight: (name: string) => string): LayerContext {
  const trainingOnly = (): never => {
    throw new Error('an evaluation graph was asked for a training value');
  };
  return {
    lowering,
    training: false,
    weight: ({ name }) => weight(name),
    updateStatistic: trainingOnly,
    dropoutMask: trainingOnly,
  };
}
