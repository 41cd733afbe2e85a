import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledImages } from './gradients.js';

/** Numbers in -1 ... 1 from a linear congruential generator (Numerical Recipes). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Images and labels for a model, and seeded weights that keep activations near 1: gammas and variances near 1. */
export function randomData(model: LayersModel, batchSize: number, seed: number): LabelledImages {
  const random = randomNumbers(seed);
  const imageSize = model.inputs[0]!.shape.slice(1).reduce((product: number, size) => product * size!, 1);
  const classes = model.outputs[0]!.shape[1]!;
  for (const variable of model.weights) {
    const shape = variable.shape as number[];
    const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    const nearOne = /gamma|variance/.test(variable.originalName);
    const scale = nearOne ? 0.3 : Math.sqrt(3 / fanIn) * 0.8;
    const values = Float32Array.from(
      { length: fanIn * (shape.at(-1) ?? 1) },
      () => random() * scale + (nearOne ? 1 : 0),
    );
    variable.write(tf.tensor(values, shape));
  }
  return {
    images: Float32Array.from({ length: batchSize * imageSize }, () => random() * 2),
    labels: Uint8Array.from({ length: batchSize }, (_, index) => index % classes),
  };
}
