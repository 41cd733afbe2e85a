import '@tensorflow/tfjs-backend-cpu';
import { type ModelName, modelZoo } from '@mnist/models';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { importOnnxRuntime } from '../src/import-onnx-runtime.js';
import { exportOnnx } from '../src/index.js';
import { randomData } from './support/random-data.js';

const runtime = await importOnnxRuntime();

/** The committee's full width is the same graph with larger kernels; the script check-export.py takes it whole. */
const build = (name: ModelName) =>
  name === 'committee' ? modelZoo.committee.build({ widths: [16, 24, 32] }) : modelZoo[name].build();

describe('exported files give the logits of tfjs', () => {
  for (const name of Object.keys(modelZoo) as ModelName[]) {
    test(name, async () => {
      const model = build(name);
      const { images } = randomData(model, 2, 3);
      const expected = tf.tidy(() =>
        (model.predict(tf.tensor(images, [2, 28, 28, 1])) as tf.Tensor).dataSync(),
      );
      const session = await runtime.InferenceSession.create(await exportOnnx(model));
      const { logits } = await session.run({ images: new runtime.Tensor('float32', images, [2, 28, 28, 1]) });
      await session.release();
      expect(logits!.dims).toEqual([2, 10]);
      expectClose(logits!.data as Float32Array, expected);
      model.dispose();
    });
  }
});

test('channels first on request', async () => {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [5, 4, 3], filters: 6, kernelSize: 3 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  const { images } = randomData(model, 2, 4);
  const nhwc = tf.tensor4d(images, [2, 5, 4, 3]);
  const nchw = tf.transpose(nhwc, [0, 3, 1, 2]).dataSync() as Float32Array;
  const session = await runtime.InferenceSession.create(await exportOnnx(model, { inputLayout: 'nchw' }));
  const { logits } = await session.run({ images: new runtime.Tensor('float32', nchw, [2, 3, 5, 4]) });
  expectClose(logits!.data as Float32Array, (model.predict(nhwc) as tf.Tensor).dataSync());
});

test('an unknown option is refused', async () => {
  const model = sequential({ layers: [layers.dense({ inputShape: [3], units: 2 })] });
  await expect(exportOnnx(model, { opset: 13 } as never)).rejects.toThrow(
    /unknown option "opset".*inputLayout/,
  );
  await expect(exportOnnx(model, { inputLayout: 'nchw' })).rejects.toThrow(/expected images/);
});

function expectClose(found: Float32Array, expected: ArrayLike<number>): void {
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (const [index, value] of found.entries())
    expect(Math.abs(value - expected[index]!) / scale).toBeLessThan(1e-5);
}
