import type { FullLoss } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { compileTraining } from '../../src/compile-training.js';
import type { GraphBuilder } from '../../src/graph/graph-builder.js';
import { importOnnxRuntime } from '../../src/import-onnx-runtime.js';
import { BlockedLowering } from '../../src/lowering/blocked-lowering.js';
import type { LoweringName } from '../../src/lowering/lowering.js';
import { MatmulLowering } from '../../src/lowering/matmul-lowering.js';
import { PortableLowering } from '../../src/lowering/portable-lowering.js';
import { readFusedNetwork } from '../../src/network/read-fused-network.js';
import { probeLowering } from '../../src/probe.js';
import { sessionOptions } from '../../src/runtime/session-options.js';
import { nextOf } from '../../src/runtime/step-plan.js';

export interface LabelledImages {
  /** NHWC */
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}

/** Loss and gradients, one flat tensor in tfjs layout for each trainable weight. */
export interface LossAndGradients {
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
}

const runtime = await importOnnxRuntime();
const settings = { provider: 'cpu', threads: 1 } as const;
const { block } = await probeLowering(runtime, settings);

/** The lowering for tests: the block size is the machine's. */
const lowerings: Record<LoweringName, (graph: GraphBuilder) => PortableLowering> = {
  portable: (graph) => new PortableLowering(graph),
  matmul: (graph) => new MatmulLowering(graph),
  blocked: (graph) => new BlockedLowering(graph, block),
};

/** Compiles the model and runs one step at its present weights. */
export async function onnxGradients(
  model: LayersModel,
  { images, labels }: LabelledImages,
  lowering: LoweringName,
  loss: FullLoss = { kind: 'softmaxCrossEntropy', labelSmoothing: 0 },
): Promise<LossAndGradients> {
  const batchSize = labels.length;
  const optimizer = { kind: 'sgd', nesterov: false } as const;
  const options = { batchSize, loss, optimizer, lowering: lowerings[lowering] };
  const graph = compileTraining(readFusedNetwork(model), options, { gradient: true });
  const session = await runtime.InferenceSession.create(graph.step.model, sessionOptions(settings));
  const tensor = (data: Float32Array, shape: readonly number[]) => new runtime.Tensor('float32', data, shape);
  const targets = new Float32Array(batchSize * graph.classes);
  for (const [index, label] of labels.entries()) targets[index * graph.classes + label] = 1;
  const pack = async (which: 'parameters' | 'statistics', variables: LayersModel['trainableWeights']) => {
    const flat = new Float32Array(graph[which].size);
    for (const [index, variable] of variables.entries()) {
      flat.set(variable.read().dataSync() as Float32Array, graph[which].offsets[index]!);
    }
    return tensor(flat, [flat.length]);
  };
  const feeds: Record<string, InstanceType<typeof runtime.Tensor>> = {
    images: tensor(images, [batchSize, ...graph.inputShape]),
    targets: tensor(targets, [batchSize, graph.classes]),
    parameters: await pack('parameters', model.trainableWeights),
    velocity: tensor(new Float32Array(graph.parameters.size), [graph.parameters.size]),
  };
  if (graph.statistics.size > 0) feeds.statistics = await pack('statistics', model.nonTrainableWeights);
  for (const scalar of graph.rule.scalars) feeds[scalar] = tensor(new Float32Array(1), []);
  const results = await session.run(feeds, ['loss', 'gradient', nextOf('parameters')]);
  await session.release();
  const flat = results.gradient!.data as Float32Array;
  const gradients = graph.parameters.weights.map((weight, index) => {
    const start = graph.parameters.offsets[index]!;
    return flat.slice(start, start + weight.size);
  });
  return { loss: (results.loss!.data as Float32Array)[0]!, gradients };
}

/** The same by TensorFlow.js's own automatic differentiation. */
export async function tfjsGradients(
  model: LayersModel,
  { images, labels }: LabelledImages,
): Promise<LossAndGradients> {
  const shape = [labels.length, ...model.inputs[0]!.shape.slice(1)] as number[];
  const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const { value, grads } = tf.variableGrads(() => {
    const logits = model.apply(tf.tensor(images, shape), { training: true }) as tf.Tensor2D;
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]);
    return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
  }, variables);
  const gradients = variables.map((variable) => grads[variable.name]!.dataSync() as Float32Array);
  return { loss: value.dataSync()[0]!, gradients };
}

/** Largest difference of all gradients, relative to the largest gradient. */
export function gradientDifference(found: LossAndGradients, expected: LossAndGradients): number {
  let [scale, worst] = [1e-6, Math.abs(found.loss - expected.loss)];
  for (const [index, tensor] of expected.gradients.entries()) {
    for (const [position, value] of tensor.entries()) {
      scale = Math.max(scale, Math.abs(value));
      const difference = Math.abs(found.gradients[index]![position]! - value);
      worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
    }
  }
  return worst / scale;
}
