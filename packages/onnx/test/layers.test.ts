import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  model as functional,
  input,
  type LayersModel,
  layers,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { onnxEngine } from '../src/index.js';
import type { LoweringName } from '../src/lowering/lowering.js';
import {
  gradientDifference,
  type LabelledImages,
  onnxGradients,
  tfjsGradients,
} from './support/gradients.js';
import { randomData } from './support/random-data.js';

const BATCH = 3;
type Layer = layers.Layer;

/** Layers between a convolution (so that the gradient of an input is used) and a dense layer. */
const chain = (channels: number, ...middle: Layer[]): LayersModel =>
  vectorChain(channels, ...middle, layers.flatten());

/** The same for layers that yield vectors. */
const vectorChain = (channels: number, ...middle: Layer[]): LayersModel =>
  sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 7, 2], filters: channels, kernelSize: 1 }),
      ...middle,
      layers.dense({ units: 4 }),
    ],
  });

/** Two branches of a convolution's output joined by `join`. */
const branches = (
  channels: number,
  join: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor,
): LayersModel => {
  const image = input({ shape: [8, 7, 2] });
  const a = layers.conv2d({ filters: channels, kernelSize: 3 }).apply(image) as SymbolicTensor;
  const b = layers
    .conv2d({ filters: channels, kernelSize: 3, activation: 'tanh' })
    .apply(a) as SymbolicTensor;
  const cropped = layers.averagePooling2d({ poolSize: 3, strides: 1 }).apply(a) as SymbolicTensor;
  const flat = layers.flatten().apply(join(cropped, b));
  const logits = layers.dense({ units: 4 }).apply(flat) as SymbolicTensor;
  return functional({ inputs: image, outputs: logits });
};

const models: Record<string, (channels: number) => LayersModel> = {
  'conv2d 3x3 same': (c) => chain(c, layers.conv2d({ filters: c, kernelSize: 3, padding: 'same' })),
  'conv2d 5x3 valid, no bias': (c) =>
    chain(c, layers.conv2d({ filters: 2 * c, kernelSize: [5, 3], useBias: false })),
  'conv2d stride 2 same': (c) =>
    chain(c, layers.conv2d({ filters: c, kernelSize: 3, strides: 2, padding: 'same' })),
  'conv2d stride 3 valid': (c) => chain(c, layers.conv2d({ filters: c, kernelSize: 2, strides: 3 })),
  'conv2d relu': (c) => chain(c, layers.conv2d({ filters: c, kernelSize: 3, activation: 'relu' })),
  'depthwise 3x3': (c) => chain(c, layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' })),
  'depthwise stride 2, multiplier 2': (c) =>
    chain(c, layers.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2 })),
  'batch normalisation': (c) => chain(c, layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 })),
  'batch normalisation of vectors': (c) => vectorChain(c, layers.flatten(), layers.batchNormalization()),
  'max pooling 2': (c) => chain(c, layers.maxPooling2d({ poolSize: 2 })),
  'max pooling 2 same': (c) => chain(c, layers.maxPooling2d({ poolSize: 2, padding: 'same' })),
  'max pooling 3 stride 2 same': (c) =>
    chain(c, layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'max pooling 2 stride 3': (c) => chain(c, layers.maxPooling2d({ poolSize: 2, strides: 3 })),
  'max pooling 3 stride 1': (c) => chain(c, layers.maxPooling2d({ poolSize: 3, strides: 1 })),
  'max pooling after relu': (c) =>
    chain(
      c,
      layers.conv2d({ filters: c, kernelSize: 1, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
    ),
  'average pooling 2': (c) => chain(c, layers.averagePooling2d({ poolSize: 2 })),
  'average pooling 3 stride 2': (c) => chain(c, layers.averagePooling2d({ poolSize: 3, strides: 2 })),
  'global average pooling': (c) => vectorChain(c, layers.globalAveragePooling2d({})),
  'global max pooling': (c) => vectorChain(c, layers.globalMaxPooling2d({})),
  relu: (c) => chain(c, layers.reLU()),
  relu6: (c) => chain(c, layers.activation({ activation: 'relu6' })),
  'relu layer, maximum 0.4': (c) => chain(c, layers.reLU({ maxValue: 0.4 })),
  'leaky relu': (c) => chain(c, layers.leakyReLU({ alpha: 0.2 })),
  'elu layer': (c) => chain(c, layers.elu()),
  elu: (c) => chain(c, layers.activation({ activation: 'elu' })),
  sigmoid: (c) => chain(c, layers.activation({ activation: 'sigmoid' })),
  tanh: (c) => chain(c, layers.activation({ activation: 'tanh' })),
  gelu: (c) => chain(c, layers.activation({ activation: 'gelu' })),
  'softmax of vectors': (c) => vectorChain(c, layers.flatten(), layers.softmax()),
  'softmax of images': (c) => chain(c, layers.activation({ activation: 'softmax' })),
  'dense relu': (c) => vectorChain(c, layers.flatten(), layers.dense({ units: 5, activation: 'relu' })),
  'dense without bias': (c) => vectorChain(c, layers.flatten(), layers.dense({ units: 5, useBias: false })),
  reshape: (c) =>
    chain(c, layers.reshape({ targetShape: [4, 14, c] }), layers.conv2d({ filters: c, kernelSize: 2 })),
  'zero padding': (c) =>
    chain(
      c,
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      layers.conv2d({ filters: c, kernelSize: 3 }),
    ),
  'dropout 0': (c) => chain(c, layers.dropout({ rate: 0 })),
  add: (c) => branches(c, (a, b) => layers.add().apply([a, b, a]) as SymbolicTensor),
  multiply: (c) => branches(c, (a, b) => layers.multiply().apply([a, b]) as SymbolicTensor),
  'concatenate channels': (c) => branches(c, (a, b) => layers.concatenate().apply([a, b]) as SymbolicTensor),
  'concatenate rows': (c) =>
    branches(c, (a, b) => layers.concatenate({ axis: 1 }).apply([a, b]) as SymbolicTensor),
  'a layer used twice': (c) => {
    const image = input({ shape: [6, 6, c] });
    const shared = layers.conv2d({ filters: c, kernelSize: 3, padding: 'same', activation: 'relu' });
    const twice = shared.apply(shared.apply(image)) as SymbolicTensor;
    const logits = layers.dense({ units: 3 }).apply(layers.flatten().apply(twice)) as SymbolicTensor;
    return functional({ inputs: image, outputs: logits });
  },
  'a model inside a model': (c) => {
    const inner = sequential({
      layers: [
        layers.conv2d({ inputShape: [6, 6, 2], filters: c, kernelSize: 3 }),
        layers.batchNormalization(),
      ],
    });
    return sequential({ layers: [inner, layers.flatten(), layers.dense({ units: 3 })] });
  },
};

/** What tfjs's own gradients do not cover; each weight acts linearly, so that central differences of a squared error are exact. */
const linearModels: Record<string, (channels: number) => LayersModel> = {
  'conv2d dilation 2': (c) => chain(c, layers.conv2d({ filters: c, kernelSize: 3, dilationRate: 2 })),
  'conv2d dilation 2 same': (c) =>
    chain(c, layers.conv2d({ filters: c, kernelSize: [3, 2], dilationRate: 2, padding: 'same' })),
  'average pooling 3 stride 2 same': (c) =>
    chain(c, layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'average pooling 2 same': (c) => chain(c, layers.averagePooling2d({ poolSize: 2, padding: 'same' })),
};

/** tfjs cannot train these: their twins with scale and centre at 1 and 0 have the same gradients. */
const bareNormalisations = [{ scale: false }, { center: false }, { scale: false, center: false }];

for (const lowering of ['portable', 'blocked', 'matmul'] as const) {
  describe(`${lowering} lowering agrees with central differences`, () => {
    for (const [name, build] of Object.entries(linearModels)) {
      for (const channels of [3, 16]) {
        test(`${name}, ${channels} channels`, async () => {
          const model = build(channels);
          const data = randomData(model, BATCH, 9);
          await expectDifferences(model, data, lowering);
          await expectSamePredictions(model, data.images, lowering);
        });
      }
    }
  });

  describe(`${lowering} lowering, batch normalisation without`, () => {
    for (const options of bareNormalisations) {
      test(Object.keys(options).join(' and '), async () => {
        const [bare, twin] = [options, {}].map((given) => chain(16, layers.batchNormalization(given)));
        const data = randomData(twin!, BATCH, 5);
        const values = (model: LayersModel) =>
          new Map(model.weights.map((w) => [w.originalName.split('/').at(-1), w]));
        for (const variable of twin!.weights) {
          if (/gamma$/.test(variable.originalName)) variable.write(tf.ones(variable.shape as number[]));
          if (/beta$/.test(variable.originalName)) variable.write(tf.zeros(variable.shape as number[]));
        }
        expect(values(bare!).size).toBeLessThan(values(twin!).size);
        const kept = twin!.trainableWeights.filter(
          ({ originalName }) =>
            !('scale' in options && /gamma$/.test(originalName)) &&
            !('center' in options && /beta$/.test(originalName)),
        );
        for (const [index, variable] of bare!.trainableWeights.entries()) variable.write(kept[index]!.read());
        const expected = await tfjsGradients(twin!, data);
        const gradients = expected.gradients.filter((_, index) =>
          kept.includes(twin!.trainableWeights[index]!),
        );
        const found = await onnxGradients(bare!, data, lowering);
        expect(gradientDifference(found, { ...expected, gradients })).toBeLessThan(1e-4);
      });
    }
  });

  describe(`${lowering} lowering agrees with tfjs`, () => {
    for (const [name, build] of Object.entries(models)) {
      for (const channels of [3, 16]) {
        test(`${name}, ${channels} channels`, async () => {
          const model = build(channels);
          const data = randomData(model, BATCH, 7);
          const expected = await tfjsGradients(model, data);
          expect(gradientDifference(await onnxGradients(model, data, lowering), expected)).toBeLessThan(1e-4);
          await expectSamePredictions(model, data.images, lowering);
        });
      }
    }
  });
}

async function expectDifferences(model: LayersModel, data: LabelledImages, lowering: LoweringName) {
  const loss = { kind: 'meanSquaredError' } as const;
  const found = await onnxGradients(model, data, lowering, loss);
  for (const [index, variable] of model.trainableWeights.entries()) {
    const values = variable.read().dataSync();
    const lossWith = async (position: number, change: number) => {
      const changed = Float32Array.from(values);
      changed[position]! += change;
      variable.write(tf.tensor(changed, variable.shape as number[]));
      return (await onnxGradients(model, data, lowering, loss)).loss;
    };
    const scale = Math.max(...found.gradients[index]!.map(Math.abs));
    for (const share of [0, 0.37, 0.99]) {
      const position = Math.floor(share * values.length);
      const slope = (await lossWith(position, 0.5)) - (await lossWith(position, -0.5));
      expect(Math.abs(slope - found.gradients[index]![position]!) / scale, variable.name).toBeLessThan(1e-4);
    }
    variable.write(tf.tensor(values, variable.shape as number[]));
  }
}

async function expectSamePredictions(model: LayersModel, images: Float32Array, lowering: LoweringName) {
  const shape = [BATCH, ...model.inputs[0]!.shape.slice(1)] as number[];
  const expected = (model.predict(tf.tensor(images, shape)) as tf.Tensor).dataSync();
  const session = await onnxEngine({ lowering, worker: false, predictBatchSize: 2 }).open(model, {
    batchSize: 1,
  });
  const found = (await session.predict(ndarray(images, shape))).data;
  await session.dispose();
  const scale = Math.max(...expected.map(Math.abs));
  expect(Math.max(...expected.map((value, index) => Math.abs(value - found[index]!))) / scale).toBeLessThan(
    1e-5,
  );
}
