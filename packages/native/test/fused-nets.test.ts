import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../src/index.js';
import { availablePaths } from './support/available-paths.js';

/** A sample here; `MNIST_TEST_NATIVE_NETS=1000` for many. */
const COUNT = Number(process.env.MNIST_TEST_NATIVE_NETS ?? 40);

/** Numbers in 0 ... 1 from a linear congruential generator (Numerical Recipes). */
function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random net of the fast path's family; `plainly` adds a layer that does nothing but is not of the family. */
function buildNet(seed: number, plainly: boolean): LayersModel {
  const random = randomNumbers(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const size = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const apply = (layer: layers.Layer, x: SymbolicTensor | SymbolicTensor[]) =>
    layer.apply(x) as SymbolicTensor;
  const image = input({ shape: [size(7, 16), size(7, 16), pick([1, 1, 3])] });
  const convolve = (x: SymbolicTensor, filters: number, kernelSize: number) =>
    apply(layers.conv2d({ filters, kernelSize, padding: 'same', activation: 'relu' }), x);
  let channels = pick([3, 8, 16, 33]);
  let x = convolve(image, channels, pick([1, 3, 5]));
  for (let stage = size(1, 4); stage > 0; stage--) {
    const normalised = apply(layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 }), x);
    const shortcut = random() < 0.5;
    if (!shortcut) channels = pick([3, 8, 16, 33, 48]);
    x = convolve(normalised, channels, 3);
    if (shortcut) x = apply(layers.add(), random() < 0.5 ? [normalised, x] : [x, normalised]);
    if (random() < 0.5 && Math.min(x.shape[1]!, x.shape[2]!) > 1) {
      x = apply(layers.maxPooling2d({ poolSize: 2, strides: 2, padding: pick(['same', 'valid']) }), x);
    }
  }
  x = apply(layers.globalAveragePooling2d({}), apply(layers.batchNormalization({}), x));
  x = apply(layers.dense({ units: size(2, 12) }), x);
  if (plainly) x = apply(layers.activation({ activation: 'linear' }), x);
  const net = model({ inputs: image, outputs: x });
  for (const variable of net.weights) {
    const shape = variable.shape as number[];
    const fanIn = shape.slice(0, -1).reduce((product, length) => product * length, 1);
    const nearOne = /gamma|variance/.test(variable.originalName);
    const scale = nearOne ? 0.3 : Math.sqrt(3 / fanIn);
    const values = Float32Array.from(
      { length: fanIn * shape.at(-1)! },
      () => (2 * random() - 1) * scale + (nearOne ? 1 : 0),
    );
    tf.tidy(() => {
      variable.write(tf.tensor(values, shape));
    });
  }
  return net;
}

/** Logits before, then losses, parameters and statistics of three SGD steps, the last on an incomplete batch. */
async function train(seed: number, path: string, plainly: boolean) {
  const net = buildNet(seed, plainly);
  const random = randomNumbers(seed + 1);
  const batchSize = 4 + Math.floor(random() * 20);
  const shape = net.inputs[0]!.shape.slice(1) as number[];
  const classes = net.outputs[0]!.shape[1]!;
  const pixels = shape.reduce((product, length) => product * length, 1);
  const session = await nativeEngine({ path, precision: 'f32' }).open(net, {
    batchSize,
    optimizer: { kind: 'sgd' },
    loss: { kind: 'softmaxCrossEntropy', labelSmoothing: 0.1 },
  });
  const drawBatch = (count: number) => ({
    images: ndarray(
      Float32Array.from({ length: count * pixels }, () => 2 * random() - 1),
      [count, ...shape],
    ),
    labels: ndarray(Uint8Array.from({ length: count }, () => Math.floor(random() * classes))),
  });
  const before = await session.predict(drawBatch(11).images);
  const losses: number[] = [];
  for (const count of [batchSize, batchSize, Math.ceil(batchSize / 2)]) {
    const step = await session.step(drawBatch(count), { learningRate: 1e-2, momentum: 0.9, weightDecay: 0 });
    losses.push(step.loss);
  }
  const state = await session.state();
  const { computedBy } = session;
  await session.dispose();
  net.dispose();
  return { before: before.data, losses, tensors: [...state.parameters, ...state.statistics], computedBy };
}

const paths = availablePaths('f32');
// A file without a test would be a failure.
if (paths.length === 0) test.skip('needs the addon');

for (const path of paths) {
  describe(`${COUNT} random nets of the fast path's family on ${path}: the figures of the path layer by layer`, () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      test(`net ${seed}`, async () => {
        const [fused, plain] = [await train(seed, path, false), await train(seed, path, true)];
        expect(fused.computedBy).toContain('fused');
        expect(plain.computedBy).toContain('plain f32');
        expectClose(fused.before, plain.before, 1e-4);
        expectClose(fused.losses, plain.losses, 1e-3);
        for (const [index, { data }] of fused.tensors.entries())
          expectClose(data, plain.tensors[index]!.data, 1e-3);
      });
    }
  });
}

/** To `tolerance` of the largest value, or of 1 where all are smaller. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const values = Array.from(expected);
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(found.length).toBe(values.length);
  expect(worst / scale).toBeLessThan(tolerance);
}
