import type { Batch, BatchSource } from '@mnist/dataset';
import type { TrainingState } from '@mnist/engine';
import { deriveSeed, stream, uniform } from '@mnist/kit';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';

export interface TinySourceOptions {
  readonly batchSize?: number;
  readonly batchesPerEpoch?: number;
  readonly epochs?: number;
  readonly seed?: number;
}

/** Two blurry classes of 4x4 images; batch k depends on the seed and k alone. */
export function tinySource(
  options: TinySourceOptions = {},
): BatchSource & { opened: number; closed: number } {
  const { batchSize = 4, batchesPerEpoch = 5, epochs = 2, seed = 1 } = options;
  const source = {
    batchSize,
    batchesPerEpoch,
    totalBatches: batchesPerEpoch * epochs,
    imageShape: [4, 4, 1] as const,
    opened: 0,
    closed: 0,
    *iterate(start = 0): Generator<Batch> {
      source.opened++;
      try {
        for (let step = start; step < source.totalBatches; step++) {
          yield tinyBatch(
            batchSize,
            deriveSeed(seed, 'tiny batch', step),
            step,
            Math.floor(step / batchesPerEpoch),
          );
        }
      } finally {
        source.closed++;
      }
    },
  };
  return source;
}

export function tinyBatch(size: number, seed: number, step = 0, epoch = 0): Batch {
  const source = stream(seed, 'tiny batch');
  const random = () => uniform(source);
  const labels = Uint8Array.from({ length: size }, () => Math.floor(random() * 3));
  const pixels = Float32Array.from({ length: size * 16 }, (_, i) => {
    const label = labels[Math.floor(i / 16)]!;
    return (i % 16) % 3 === label ? 1 + random() : random() - 0.5;
  });
  return {
    images: ndarray(pixels, [size, 4, 4, 1]),
    labels: ndarray(labels),
    indices: Uint32Array.from({ length: size }, (_, i) => i),
    step,
    epoch,
  };
}

/** conv, batch norm, dropout, dense; the same weights for the same seed. */
export function tinyNet(seed = 1, dropout = 0.2): LayersModel {
  const net = sequential({
    layers: [
      layers.conv2d({ inputShape: [4, 4, 1], filters: 3, kernelSize: 3, name: 'conv', activation: 'relu' }),
      layers.batchNormalization({ name: 'norm', momentum: 0.9, epsilon: 1e-5 }),
      layers.flatten({ name: 'flat' }),
      layers.dropout({ rate: dropout, name: 'drop' }),
      layers.dense({ units: 3, name: 'dense' }),
    ],
  });
  const source = stream(seed, 'tiny net');
  const random = () => uniform(source);
  tf.tidy(() => {
    net.setWeights(
      net.weights.map((weight) => {
        const constant = /gamma|variance/.test(weight.originalName) ? 1 : 0;
        const size = weight.shape.reduce<number>((product, length) => product * length!, 1);
        const values = Float32Array.from({ length: size }, () => constant + 0.4 * (random() - 0.5));
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
