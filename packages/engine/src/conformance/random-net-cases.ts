import { sizeOf, stream, uniform } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import type { Engine } from '../engine.js';
import { buildRandomNet, drawNet, fillWeights } from './_random-nets.js';
import type { ConformanceCase } from './conformance-case.js';
import { ConformanceError } from './conformance-error.js';

export interface RandomNetOptions {
  /** How many nets. Default 100. */
  readonly count?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Largest difference of any gradient, relative to the net's largest gradient. Default 1e-3. */
  readonly tolerance?: number;
}

const BATCH = 3;

/**
 * Random nets of every layer that image classifiers are made of: convolutions of any window, poolings, normalisations,
 * activations, shortcuts. Loss and gradients of each must equal those of TensorFlow.js's own automatic differentiation.
 * The net's description is in the message of a case that fails.
 */
export function randomNetCases(engine: Engine, options: RandomNetOptions = {}): ConformanceCase[] {
  const { count = 100, seed = 1, tolerance = 1e-3 } = options;
  return Array.from({ length: count }, (_, index) => ({
    name: `random net ${index}: the gradients of TensorFlow.js`,
    run: () => compare(engine, seed, index, tolerance),
  }));
}

async function compare(engine: Engine, seed: number, index: number, tolerance: number): Promise<void> {
  const net = drawNet(seed, index);
  const model = buildRandomNet(net);
  try {
    fillWeights(model, index);
    const numbers = stream(seed, 'random images', index);
    const shape = [BATCH, ...net.inputShape];
    const pixels = sizeOf(shape);
    const images = Float32Array.from({ length: pixels }, () => 4 * uniform(numbers) - 2);
    const labels = Uint8Array.from({ length: BATCH }, (_, image) => image % 3);
    const expected = tfjsGradients(model, images, shape, labels);
    const session = await engine.open(model, { batchSize: BATCH, optimizer: { kind: 'sgd' } });
    try {
      const before = await session.state();
      const batch = { images: ndarray(images, shape), labels: ndarray(labels) };
      const { loss } = await session.step(batch, { learningRate: 1, momentum: 0, weightDecay: 0 });
      const after = await session.state();
      const gradients = after.parameters.map(({ data }, i) =>
        data.map((value, k) => before.parameters[i]!.data[k]! - value),
      );
      const difference = largestDifference({ loss, gradients }, expected);
      if (!(difference <= tolerance)) {
        throw new ConformanceError(
          `the gradients are ${difference.toExponential(2)} of the largest off, over ${tolerance}: ${JSON.stringify(net)}`,
          { measured: difference, limit: tolerance },
        );
      }
    } finally {
      await session.dispose();
    }
  } finally {
    model.dispose();
  }
}

interface LossAndGradients {
  readonly loss: number;
  /** One flat tensor for each trainable weight. */
  readonly gradients: readonly Float32Array[];
}

function tfjsGradients(
  model: LayersModel,
  images: Float32Array,
  shape: number[],
  labels: Uint8Array,
): LossAndGradients {
  const variables = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(tf.tensor(images, shape), { training: true }) as tf.Tensor2D;
      const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]);
      return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
    }, variables);
    const gradients = variables.map(({ name }) => grads[name]!.dataSync().slice() as Float32Array);
    return { loss: value.dataSync()[0]!, gradients };
  });
}

/** Largest difference of loss and gradients, relative to the largest gradient. */
function largestDifference(found: LossAndGradients, expected: LossAndGradients): number {
  let [scale, worst] = [1e-2, Math.abs(found.loss - expected.loss)];
  for (const [index, tensor] of expected.gradients.entries()) {
    for (const [position, value] of tensor.entries()) {
      scale = Math.max(scale, Math.abs(value));
      const difference = Math.abs(found.gradients[index]![position]! - value);
      worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference);
    }
  }
  return worst / scale;
}
