import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradientDifference, onnxGradients, tfjsGradients } from './support/gradients.js';
import { randomData } from './support/random-data.js';
import { buildNet, netSpecs } from './support/random-nets.js';

/** A sample here; `MNIST_TEST_ONNX_NETS=1000` for the whole claim. */
const COUNT = Number(process.env.MNIST_TEST_ONNX_NETS ?? 150);

test(`${COUNT} random nets have the same gradients in both lowerings and in tfjs`, async () => {
  await fc.assert(
    fc.asyncProperty(netSpecs, fc.integer({ min: 0, max: 2 ** 30 }), async (spec, seed) => {
      const model = buildNet(spec);
      const data = randomData(model, 3, seed);
      const expected = await tfjsGradients(model, data);
      for (const lowering of ['portable', 'blocked', 'matmul'] as const) {
        const found = await onnxGradients(model, data, lowering);
        expect(gradientDifference(found, expected), lowering).toBeLessThan(1e-3);
      }
      model.dispose();
    }),
    { numRuns: COUNT, seed: 20260801 },
  );
}, 3_600_000);
