import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { onnxEngine } from '../src/index.js';
import { onnxGradients } from './support/gradients.js';

for (const lowering of ['portable', 'blocked', 'matmul'] as const) {
  describe(`${lowering} lowering`, () => {
    test('batch normalisation survives a mean of 1,000 deviations', async () => {
      const model = sequential({
        layers: [
          layers.conv2d({ inputShape: [6, 6, 1], filters: 16, kernelSize: 1, kernelInitializer: 'ones' }),
          layers.batchNormalization({ momentum: 0 }),
          layers.flatten(),
          layers.dense({ units: 2 }),
        ],
      });
      const pixels = Float32Array.from({ length: 4 * 36 }, (_, index) => 1000 + Math.sin(index * 12.9898));
      const session = await onnxEngine({ lowering, worker: false }).open(model, { batchSize: 4 });
      const batch = { images: ndarray(pixels, [4, 6, 6, 1]), labels: ndarray(Uint8Array.of(0, 1, 0, 1)) };
      await session.step(batch, { learningRate: 0, momentum: 0, weightDecay: 0 });
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (pixels.length - 1);
      const [movingMean, movingVariance] = (await session.state()).statistics;
      for (const value of movingMean!.data) expect(Math.abs(value / mean - 1)).toBeLessThan(1e-6);
      for (const value of movingVariance!.data) expect(Math.abs(value / variance - 1)).toBeLessThan(1e-3);
      await session.dispose();
    });

    for (const scale of [1e-30, 1e-3, 1e15]) {
      test(`max pooling finds the maximum among values near ${scale}`, async () => {
        const model = sequential({
          layers: [
            layers.conv2d({ inputShape: [4, 4, 16], filters: 16, kernelSize: 1, useBias: false }),
            layers.maxPooling2d({ poolSize: 2 }),
            layers.flatten(),
            layers.dense({ units: 2 }),
          ],
        });
        const images = Float32Array.from({ length: 2 * 256 }, (_, index) =>
          Math.fround(Math.sin(index) * scale),
        );
        const data = { images, labels: Uint8Array.of(0, 1) };
        const { gradients } = await onnxGradients(model, data, lowering, { kind: 'meanSquaredError' });
        const { gradients: reference } = await onnxGradients(model, data, 'portable', {
          kind: 'meanSquaredError',
        });
        const largest = Math.max(...reference[0]!.map(Math.abs));
        expect(largest).toBeGreaterThan(0);
        for (const [index, value] of gradients[0]!.entries()) {
          expect(Math.abs(value - reference[0]![index]!) / largest).toBeLessThan(1e-4);
        }
      });
    }
  });
}
