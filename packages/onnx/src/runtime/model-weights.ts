import type { NamedTensor } from '@mnist/train';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

type LayerVariable = LayersModel['trainableWeights'][number];

/** Copies of the values of a model's variables. */
export async function readWeights(variables: readonly LayerVariable[]): Promise<NamedTensor[]> {
  return Promise.all(
    variables.map(async (variable) => ({
      name: variable.name,
      shape: variable.shape.map((size) => size ?? 0),
      data: Float32Array.from(await variable.read().data()),
    })),
  );
}

/** Writes values into a model's variables. */
export function writeWeights(variables: readonly LayerVariable[], values: readonly NamedTensor[]): void {
  tf.tidy(() => {
    for (const [index, variable] of variables.entries()) {
      const { data, shape } = values[index]!;
      variable.write(tf.tensor(data, [...shape], 'float32'));
    }
  });
}
