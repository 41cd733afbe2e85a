import type { Loss, Optimizer } from '@mnist/train';
import { OnnxEngineError } from './errors.js';
import { GraphBuilder } from './graph/graph-builder.js';
import type { LayerContext } from './layers/layer-compiler.js';
import type { Lowering } from './lowering/lowering.js';
import { describeNode, type Network, sizeOf, type Weight } from './network/network.js';
import { packValues, packWeights, unpackInput, type WeightPack } from './network/weight-pack.js';
import { writeBackward } from './network/write-backward.js';
import { writeForward } from './network/write-forward.js';
import { writeObjective } from './objectives/objective.js';
import { type UpdateRule, updateRule } from './optimizers/update-rule.js';

export interface TrainingGraphOptions {
  readonly batchSize: number;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Decay a step of the exponential moving average of the parameters; absent: none is kept. */
  readonly averagingDecay?: number;
  readonly lowering: (graph: GraphBuilder) => Lowering;
}

/** A dropout layer's mask: a graph input that is drawn anew at each step. */
export interface DropoutMask {
  readonly input: string;
  readonly layer: string;
  readonly rate: number;
  readonly shape: readonly number[];
}

/**
 * A training step as one ONNX graph.
 *
 * Inputs: `images` [batch, ...], `targets` [batch, classes], `parameters`, `statistics`, one vector for each slot, one
 * scalar for each of the rule's scalars, the dropout masks.
 * Outputs: `loss`, `gradient` (where asked for), and `next/...` for parameters, statistics and slots.
 */
export interface TrainingGraph {
  readonly model: Uint8Array;
  readonly nodeCount: number;
  readonly batchSize: number;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly parameters: WeightPack;
  readonly statistics: WeightPack;
  readonly rule: UpdateRule;
  /** The rule's slots, and `average` where averaging is on. */
  readonly slots: readonly string[];
  readonly dropoutMasks: readonly DropoutMask[];
}

/** Name of the slot that holds the moving average of the parameters. */
export const AVERAGE_SLOT = 'average';

/** Name of the graph output that carries the next value of an input. */
export const nextOf = (input: string): string => `next/${input}`;

/**
 * Compiles forward pass, loss, backward pass and optimiser update into one graph.
 *
 * @param extra `gradient: true` adds the flat gradient as an output, for tests
 * @throws OnnxEngineError UNSUPPORTED_LAYER, UNSUPPORTED_MODEL
 */
export function compileTraining(
  network: Network,
  options: TrainingGraphOptions,
  extra: { readonly gradient?: boolean } = {},
): TrainingGraph {
  requireTrainable(network, options.loss);
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
    weight: (weight: Weight) => weights.get(weight.name)!,
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
  graph.output(nextOf('parameters'), updated.parameters, flat);
  for (const [index, slot] of rule.slots.entries()) graph.output(nextOf(slot), updated.slots[index]!, flat);
  const average = writeAverage(graph, options.averagingDecay, updated.parameters, flat);
  if (statistics.size > 0) {
    const values = statistics.weights.map(
      (weight) => newStatistics.get(weight.name) ?? weights.get(weight.name)!,
    );
    graph.output(nextOf('statistics'), packValues(graph, values), [statistics.size]);
  }
  return {
    model: graph.build(),
    nodeCount: graph.nodeCount,
    batchSize,
    inputShape: network.inputShape,
    classes,
    parameters,
    statistics,
    rule,
    slots: [...rule.slots, ...average],
    dropoutMasks,
  };

  function gradientOf(weight: Weight): string {
    return gradients.get(weight.name) ?? graph.constant(new Float32Array(weight.size), [weight.size]);
  }
}

/** average <- decay average + (1 - decay) parameters (Polyak averaging with exponential forgetting). */
function writeAverage(
  graph: GraphBuilder,
  decay: number | undefined,
  parameters: string,
  shape: readonly number[],
): string[] {
  if (decay === undefined) return [];
  const average = graph.input(AVERAGE_SLOT, shape);
  const kept = graph.multiply(average, graph.scalar(decay));
  const next = graph.add(kept, graph.multiply(parameters, graph.scalar(1 - decay)));
  graph.output(nextOf(AVERAGE_SLOT), next, shape);
  return [AVERAGE_SLOT];
}

function requireTrainable(network: Network, loss: Loss): void {
  if (network.outputShape.length !== 1) {
    throw new OnnxEngineError(
      'UNSUPPORTED_MODEL',
      `the model's output has shape [batch, ${network.outputShape.join(', ')}]; expected [batch, classes]: add a flatten layer`,
    );
  }
  if (sizeOf(network.parameters.flatMap((weight) => weight.size)) === 0 || network.parameters.length === 0) {
    throw new OnnxEngineError(
      'UNSUPPORTED_MODEL',
      'the model has no trainable weights: nothing can be trained',
    );
  }
  const last = network.nodes.find((node) => node.output === network.output);
  const isSoftmax = last?.kind === 'Softmax' || last?.config.activation === 'softmax';
  if (loss.kind === 'softmaxCrossEntropy' && last !== undefined && isSoftmax) {
    throw new OnnxEngineError(
      'UNSUPPORTED_MODEL',
      `${describeNode(last)} ends the model with a softmax, but softmax cross-entropy takes logits; ` +
        "remove the activation (activation: 'linear')",
    );
  }
  for (const node of network.nodes) requireNoPenalty(node);
}

/** Penalties and constraints would change the training silently if they were ignored. */
function requireNoPenalty(node: Network['nodes'][number]): void {
  for (const [key, value] of Object.entries(node.config)) {
    if (value === null || value === undefined) continue;
    if (!key.endsWith('Regularizer') && !key.endsWith('Constraint')) continue;
    throw new OnnxEngineError(
      'UNSUPPORTED_LAYER',
      `${describeNode(node)}: ${key} is ${JSON.stringify(value)}; supported: none. ` +
        'Use the weightDecay hyperparameter instead',
    );
  }
}
