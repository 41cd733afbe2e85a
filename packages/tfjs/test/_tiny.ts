import type { TrainingState } from '@mnist/engine';
import { stream, uniform } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';

export function tinyBatch(size: number, seed: number) {
  const random = stream(seed, 'tiny batch');
  const labels = Uint8Array.from({ length: size }, () => Math.floor(uniform(random) * 3));
  const pixels = Float32Array.from({ length: size * 16 }, () => 2 * uniform(random) - 0.5);
  return { images: ndarray(pixels, [size, 4, 4, 1]), labels: ndarray(labels) };
}

/** conv, batch norm, dropout, dense; always the same weights. */
export function tinyNet(): LayersModel {
  const net = sequential({
    layers: [
      layers.conv2d({ inputShape: [4, 4, 1], filters: 3, kernelSize: 3, name: 'conv', activation: 'relu' }),
      layers.batchNormalization({ name: 'norm', momentum: 0.9, epsilon: 1e-5 }),
      layers.flatten({ name: 'flat' }),
      layers.dropout({ rate: 0.2, name: 'drop' }),
      layers.dense({ units: 3, name: 'dense' }),
    ],
  });
  const random = stream(1, 'tiny net');
  tf.tidy(() => {
    net.setWeights(
      net.weights.map((weight) => {
        const constant = /gamma|variance/.test(weight.originalName) ? 1 : 0;
        const size = weight.shape.reduce<number>((product, length) => product * length!, 1);
        const values = Float32Array.from({ length: size }, () => constant + 0.4 * (uniform(random) - 0.5));
        return tf.tensor(values, weight.shape as number[]);
      }),
    );
  });
  return net;
}

export function weightsOf(model: LayersModel): Float32Array[] {
  return model.weights.map((weight) => Float32Array.from(weight.read().dataSync()));
}

/** Every number of a state in one comparable object. */
export function stateBytes(state: TrainingState): Record<string, unknown> {
  const bytes = (tensors: TrainingState['parameters']) =>
    tensors.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'));
  return {
    step: state.step,
    parameters: bytes(state.parameters),
    statistics: bytes(state.statistics),
    ...Object.fromEntries(Object.entries(state.slots).map(([name, slot]) => [name, bytes(slot)])),
  };
}
