import type { NetworkWeight } from '@mnist/engine';
import { sizeOf } from '@mnist/kit';
import { compileTraining } from './compile-training.js';
import type { GraphBuilder } from './graph/graph-builder.js';
import type { Runtime } from './import-onnx-runtime.js';
import type { Lowering } from './lowering/lowering.js';
import type { Network, NetworkNode } from './network/network.js';
import { sessionOptions } from './runtime/session-options.js';
import { nextOf, type SessionSettings } from './runtime/step-plan.js';

/** In a kernel's gradient the images are the channels: 6 is a number that a faulty WebGPU convolution gets wrong. */
const BATCH = 6;
const CLASSES = 3;
const WIDTH = 32;

/** A network that uses every operation which the blocked lowering writes in a way of its own. */
function probeNetwork(): Network {
  const nodes: NetworkNode[] = [];
  let weights = 0;
  const layer = (
    kind: string,
    inputs: readonly number[],
    inputShape: readonly number[],
    outputShape: readonly number[],
    config: Record<string, unknown> = {},
    weights: readonly NetworkWeight[] = [],
    fusedRelu = false,
  ): number => {
    const output = nodes.length + 1;
    const inputShapes = inputs.map(() => inputShape);
    nodes.push({
      layer: `probe ${output}`,
      kind,
      config,
      inputs,
      output,
      inputShapes,
      outputShape,
      weights,
      fusedRelu,
    });
    return output;
  };
  const weight = (shape: number[], trainable = true): NetworkWeight => {
    weights += 1;
    return { name: `weight ${weights}`, shape, size: sizeOf(shape), trainable };
  };
  const convolution = (size: number, padding = 'same') => ({
    kernelSize: [size, size],
    strides: [1, 1],
    dilationRate: [1, 1],
    padding,
  });
  const pool = { poolSize: [2, 2], strides: [2, 2], padding: 'same' };

  const wide = [7, 7, WIDTH];
  const small = [4, 4, WIDTH];
  let x = layer('Conv2D', [0], [7, 7, 1], wide, convolution(3), [weight([3, 3, 1, WIDTH])], true);
  const statistics = [weight([WIDTH], false), weight([WIDTH], false)];
  const scales = [weight([WIDTH]), weight([WIDTH])];
  x = layer('BatchNormalization', [x], wide, wide, { epsilon: 1e-3, momentum: 0.9 }, [
    ...scales,
    ...statistics,
  ]);
  const kernel = weight([3, 3, WIDTH, WIDTH]);
  const y = layer('Conv2D', [x], wide, wide, convolution(3), [kernel, weight([WIDTH])], true);
  x = layer('Add', [x, y], wide, wide);
  x = layer('DepthwiseConv2D', [x], wide, wide, convolution(3), [weight([3, 3, WIDTH, 1])]);
  x = layer('MaxPooling2D', [x], wide, small, pool);
  x = layer('AveragePooling2D', [x], small, [2, 2, WIDTH], { ...pool, padding: 'valid' });
  x = layer('GlobalAveragePooling2D', [x], [2, 2, WIDTH], [WIDTH]);
  x = layer('Dense', [x], [WIDTH], [CLASSES], {}, [weight([WIDTH, CLASSES])]);
  return {
    inputShape: [7, 7, 1],
    nodes,
    output: x,
    outputShape: [CLASSES],
    parameters: nodes.flatMap((node) => node.weights.filter((w) => w.trainable)),
    statistics,
  };
}

/** The gradient of one step of the probe network on fixed numbers, flat equal pixels (ties in the pooling) included. */
export async function probeGradient(
  runtime: Runtime,
  settings: SessionSettings,
  lowering: (graph: GraphBuilder) => Lowering,
): Promise<Float32Array> {
  const network = probeNetwork();
  const loss = { kind: 'softmaxCrossEntropy', labelSmoothing: 0 } as const;
  const graph = compileTraining(
    network,
    { batchSize: BATCH, loss, optimizer: { kind: 'sgd', nesterov: false }, lowering },
    { gradient: true },
  );
  const session = await runtime.InferenceSession.create(graph.step.model, sessionOptions(settings));
  const tensor = (shape: readonly number[], value: (index: number) => number) => {
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => value(index));
    return new runtime.Tensor('float32', data, shape);
  };
  const wave = (index: number) => Math.sin(index * 1.7 + 0.3) * 0.4;
  const feeds = {
    images: tensor([BATCH, 7, 7, 1], (index) => (index % 49 < 20 ? -0.5 : wave(index) * 3)),
    targets: tensor([BATCH, CLASSES], (index) => (index % (CLASSES + 1) === 0 ? 1 : 0)),
    parameters: tensor([graph.parameters.size], wave),
    statistics: tensor([graph.statistics.size], () => 1),
    velocity: tensor([graph.parameters.size], () => 0),
    ...Object.fromEntries(graph.rule.scalars.map((name) => [name, tensor([], () => 0)])),
  };
  const results = await session.run(feeds, ['gradient', 'loss', nextOf('parameters')]);
  await session.release();
  return results.gradient!.data as Float32Array;
}
