import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Every weight of a model by its name, copied. */
export function readWeights(model: LayersModel): Record<string, Float32Array> {
  return Object.fromEntries(
    model.weights.map((weight) => [weight.originalName, weight.read().dataSync<'float32'>().slice()]),
  );
}

export const countElements = (weights: LayersModel['weights']): number =>
  weights.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((size, length) => size * (length as number), 1),
    0,
  );

/** Bits of every weight, so that -0, NaN and rounding count. */
export const weightBits = (model: LayersModel): Record<string, string> =>
  Object.fromEntries(
    Object.entries(readWeights(model)).map(([name, data]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  );
