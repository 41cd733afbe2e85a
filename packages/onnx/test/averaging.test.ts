import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { onnxEngine } from '../src/index.js';
import { randomData } from './support/random-data.js';

test('the moving average follows its formula, and is what predict and writeBack use', async () => {
  const model = sequential({
    layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 3 })],
  });
  const { images, labels } = randomData(model, 4, 1);
  const batch = { images: ndarray(images, [4, 2, 2, 1]), labels: ndarray(labels) };
  const decay = 0.75;
  const session = await onnxEngine({ averaging: { decay }, worker: false }).open(model, { batchSize: 4 });
  let expected = (await session.state()).parameters.map(({ data }) => Array.from(data));
  for (let step = 0; step < 4; step++) {
    await session.step(batch, { learningRate: 0.1, momentum: 0.9, weightDecay: 0 });
    const { parameters } = await session.state();
    expected = expected.map((average, index) =>
      average.map((value, position) => decay * value + (1 - decay) * parameters[index]!.data[position]!),
    );
  }
  const { slots } = await session.state();
  for (const [index, values] of expected.entries()) {
    for (const [position, value] of values.entries()) {
      expect(slots.average![index]!.data[position]).toBeCloseTo(value, 5);
    }
  }
  const logits = (await session.predict(batch.images)).data;
  await session.writeBack();
  const written = (model.predict(tf.tensor(images, [4, 2, 2, 1])) as tf.Tensor).dataSync();
  for (const [index, value] of written.entries()) expect(logits[index]).toBeCloseTo(value, 5);

  const plain = await onnxEngine({ worker: false }).open(model, { batchSize: 4 });
  const state = await plain.state();
  await session.restore(state);
  expect((await session.state()).slots.average).toEqual(state.parameters);
  await Promise.all([session.dispose(), plain.dispose()]);
});
