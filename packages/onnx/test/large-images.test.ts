import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { gradientDifference, onnxGradients } from './support/gradients.js';
import { randomData } from './support/random-data.js';

// Images so large that not even one of them fits the cache that the blocked lowering plans its sums for.
for (const batch of [1, 2, 3]) {
  test(`300 x 300 x 4 images through a convolution to 16 channels, ${batch} a batch`, async () => {
    const model = sequential({
      layers: [
        layers.conv2d({ inputShape: [300, 300, 4], filters: 16, kernelSize: 3, padding: 'same' }),
        layers.conv2d({ filters: 16, kernelSize: 3, strides: 4 }),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 3 }),
      ],
    });
    const data = randomData(model, batch, 4);
    const expected = await onnxGradients(model, data, 'portable');
    expect(gradientDifference(await onnxGradients(model, data, 'blocked'), expected)).toBeLessThan(1e-3);
    model.dispose();
  });
}
