import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { onnxEngine } from '../src/index.js';
import { committeeNet } from './support/committee-net.js';
import { decode, type GoldenTensor, readTrainingImages, toTfjs } from './support/golden.js';

const golden = JSON.parse(readFileSync(new URL('./golden/pytorch-training.json', import.meta.url), 'utf8'));
const directory = process.env.MNIST_DATA_DIR;
if (!directory) console.log('skipped: MNIST_DATA_DIR is not set, and the golden file needs real images');

describe.skipIf(!directory)('three Adam steps agree with PyTorch', () => {
  for (const lowering of ['portable', 'blocked'] as const) {
    test(lowering, async () => {
      const model = committeeNet(golden.widths);
      const initial: GoldenTensor[] = golden.names.map((name: string) =>
        toTfjs(decode(golden.initial[name])),
      );
      for (const [index, variable] of model.trainableWeights.entries()) {
        variable.write(tf.tensor(initial[index]!.data, [...initial[index]!.shape]));
      }
      const { images, labels } = readTrainingImages(directory!, 48);
      const session = await onnxEngine({ lowering, worker: false }).open(model, {
        batchSize: golden.batchSize,
      });
      const firstImages = ndarray(images.subarray(0, 16 * 784), [16, 28, 28, 1]);
      const before = await session.predict(firstImages);
      expectRelative(before.data, decode(golden.evalLogitsBefore).data, 1e-4);
      for (let step = 0; step < 3; step++) {
        const images16 = images.subarray(step * 16 * 784, (step + 1) * 16 * 784);
        const batch = {
          images: ndarray(images16, [16, 28, 28, 1]),
          labels: ndarray(labels.subarray(step * 16, step * 16 + 16), [16]),
        };
        const { loss } = await session.step(batch, {
          learningRate: golden.lr,
          momentum: 0.9,
          weightDecay: 0,
        });
        expect(Math.abs(loss / golden.losses[step] - 1)).toBeLessThan(1e-4);
      }
      const state = await session.state();
      for (const [index, name] of golden.names.entries()) {
        const expected = toTfjs(decode(golden.afterSteps[name])).data;
        const found = state.parameters[index]!.data;
        expect(maximumDifference(found, expected), name).toBeLessThan(1e-4);
      }
      const after = await session.predict(firstImages);
      expectRelative(after.data, decode(golden.evalLogitsAfter).data, 1e-4);
      await session.dispose();
    });
  }
});

function maximumDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, index) => Math.max(worst, Math.abs(value - b[index]!)), 0);
}

/** Relative to the largest expected value. */
function expectRelative(found: Float32Array, expected: Float32Array, tolerance: number): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(maximumDifference(found, expected) / scale).toBeLessThan(tolerance);
}
