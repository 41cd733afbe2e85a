import { EngineError, type FullLoss, type FullOptimizer, type NetworkWeight } from '@mnist/engine';
import { GraphBuilder } from './graph/graph-builder.js';
import type { LayerContext } from './layers/layer-compiler.js';
import type { Lowering } from './lowering/lowering.js';
import type { Network } from './network/network.js';
import { packValues, packWeights, unpackInput, type WeightPack } from './network/weight-pack.js';
import { writeBackward } from './network/write-backward.js';
import { writeForward } from './network/write-forward.js';
import { writeObjective } from './objectives/objective.js';
import { type UpdateRule, updateRule } from './optimizers/update-rule.js';
import { type DropoutMask, nextOf, type StepGraph, SUM_OUTPUT } from './runtime/step-plan.js';

export interface TrainingGraphOptions {
  readonly batchSize: number;
  readonly loss: FullLoss;
  readonly optimizer: FullOptimizer;
  readonly lowering: (graph: GraphBuilder) => Lowering;
  /** Writes a graph that takes any number of steps in a call. Default false. */
  readonly repeated?: boolean;
}

/**
 * A training step as one ONNX graph.
 *
 * Inputs: `images` [batch, ...], `targets` [batch, classes], `parameters`, `statistics`, one vector for each slot, one
 * scalar for each of the rule's scalars, the dropout masks. A repeated graph's have the steps as their first axis, but for
 * parameters, statistics and slots.
 * Outputs: `loss`, `gradient` (where asked for), and `next/...` for parameters, statistics and slots.
 */
export interface TrainingGraph {
  /** The part that runs. */
  readonly step: StepGraph;
  readonly nodeCount: number;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly parameters: WeightPack;
  readonly statistics: WeightPack;
  readonly rule: UpdateRule;
}

/**
 * Compiles forward pass, loss, backward pass and optimiser update into one graph.
 *
 * @param extra `gradient: true` adds the flat gradient as an output, for tests; `sum: true` the sum of the new parameters
 * @throws EngineError UNSUPPORTED_LAYER, UNSUPPORTED_MODEL
 */
export function compileTraining(
  network: Network,
  options: TrainingGraphOptions,
  extra: { readonly gradient?: boolean; readonly sum?: boolean } = {},
): TrainingGraph {
  requireTrainable(network);
  const { batchSize } = options;
  const classes = network.outputShape[0]!;
  const graph = new GraphBuilder();
  const lowering = options.lowering(graph);
  const parameters = packWeights(network.parameters);
  const statistics = packWeights(network.statistics);
  const weights = new Map([
    ...unpackInput(graph, 'parameters', parameters),
    ...unpackInput(graph, 'statistics', statistics),
  ]);
  const newStatistics = new Map<string, string>();
  const dropoutMasks: DropoutMask[] = [];
  const context: LayerContext = {
    lowering,
    training: true,
    weight: (weight: NetworkWeight) => weights.get(weight.name)!,
    updateStatistic: (weight, value) => newStatistics.set(weight.name, value),
    dropoutMask(layer, rate, shape) {
      const input = graph.input(`mask/${dropoutMasks.length}`, shape);
      dropoutMasks.push({ input, layer, rate, shape });
      return { name: input, shape, layout: 'plain' };
    },
  };

  const imageShape = [batchSize, ...network.inputShape];
  const images = { name: graph.input('images', imageShape), shape: imageShape, layout: 'plain' } as const;
  const { output, layers } = writeForward(network, images, context);
  const outputShape = [batchSize, classes] as const;
  const targets = graph.input('targets', outputShape);
  const result = lowering.plain(output);
  const objective = writeObjective(graph, options.loss, result.name, targets, outputShape);
  const gradients = writeBackward(network, layers, { ...result, name: objective.gradient }, lowering);

  graph.label = 'update';
  const gradient = packValues(graph, parameters.weights.map(gradientOf));
  const rule = updateRule(options.optimizer);
  const slots = rule.slots.map((slot) => graph.input(slot, [parameters.size]));
  const scalars = rule.scalars.map((scalar) => graph.input(scalar, []));
  const updated = rule.write(graph, { parameters: 'parameters', gradient, slots, scalars });
  const flat = [parameters.size];
  graph.output('loss', objective.loss, []);
  if (extra.gradient) graph.output('gradient', gradient, flat);
  if (extra.sum) graph.output(SUM_OUTPUT, sumOf(graph, updated.parameters, parameters.size), []);
  graph.output(nextOf('parameters'), updated.parameters, flat);
  for (const [index, slot] of rule.slots.entries()) graph.output(nextOf(slot), updated.slots[index]!, flat);
  if (statistics.size > 0) {
    const values = statistics.weights.map(
      (weight) => newStatistics.get(weight.name) ?? weights.get(weight.name)!,
    );
    graph.output(nextOf('statistics'), packValues(graph, values), [statistics.size]);
  }
  return {
    step: {
      model: options.repeated ? graph.buildRepeated(nextOf) : graph.build(),
      repeated: options.repeated === true,
      batchSize,
      dropoutMasks,
    },
    nodeCount: graph.nodeCount,
    inputShape: network.inputShape,
    classes,
    parameters,
    statistics,
    rule,
  };

  function gradientOf(weight: NetworkWeight): string {
    return gradients.get(weight.name) ?? graph.constant(new Float32Array(weight.size), [weight.size]);
  }
}

/** Row by row first: a GPU would sum a long vector in one workgroup. */
function sumOf(graph: GraphBuilder, vector: string, size: number): string {
  const columns = 1024;
  const whole = size - (size % columns);
  if (whole === 0) return graph.sum(vector, [0]);
  const rows = graph.reshape(graph.slice(vector, [0], [0], [whole]), [whole / columns, columns]);
  const total = graph.sum(graph.sum(rows, [1]), [0]);
  return whole === size ? total : graph.add(total, graph.sum(graph.slice(vector, [0], [whole], [size]), [0]));
}

function requireTrainable(network: Network): void {
  if (network.parameters.length > 0) return;
  throw new EngineError('UNSUPPORTED_MODEL', 'the model has no trainable weights: nothing can be trained.');
}
