import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
// The built package: only there does the worker's file stand beside the code that starts it.
import { onnxEngine } from '../dist/index.js';
import { randomData } from './support/random-data.js';

const hyper = { learningRate: 1e-2, momentum: 0.9, weightDecay: 0 };
const BATCH = 64;

function setUp() {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [24, 24, 1], filters: 32, kernelSize: 5, activation: 'relu' }),
      layers.conv2d({ filters: 32, kernelSize: 5, activation: 'relu' }),
      layers.flatten(),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 4 }),
    ],
  });
  const { images, labels } = randomData(model, BATCH, 2);
  return { model, batch: { images: ndarray(images, [BATCH, 24, 24, 1]), labels: ndarray(labels) } };
}

describe('a session on a worker thread', () => {
  test('computes the same bits as one on this thread', async () => {
    const { model, batch } = setUp();
    const states = [];
    for (const worker of [true, false]) {
      const session = await onnxEngine({ worker }).open(model, { batchSize: BATCH });
      for (let step = 0; step < 3; step++) await session.step(batch, hyper);
      states.push({ state: await session.state(), logits: (await session.predict(batch.images)).data });
      await session.dispose();
    }
    expect(states[0]).toEqual(states[1]);
  });

  // 29 of 50: a share of the buffers that no float equals.
  test.each([50, 29, 1])('takes %s of up to 50 steps in a call as one on this thread', async (count) => {
    const model = sequential({
      layers: [layers.flatten({ inputShape: [4, 4, 1] }), layers.dense({ units: 10 })],
    });
    const { images } = randomData(model, 100, 2);
    const batch = { images: ndarray(images, [100, 4, 4, 1]), labels: ndarray(new Uint8Array(100)) };
    const other = { images: batch.images, labels: ndarray(new Uint8Array(100).fill(9)) };
    const outcomes = [];
    for (const worker of [true, false]) {
      const session = await onnxEngine({ worker, stepsPerCall: 50 }).open(model, { batchSize: 100 });
      const steps = (each: typeof batch, length: number) =>
        session.group!.steps(Array.from({ length }, () => ({ batch: each, hyper })));
      outcomes.push([await steps(batch, 50), await steps(other, count), await session.state()]);
      await session.dispose();
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
  });

  test('leaves the event loop free during a step', async () => {
    const { model, batch } = setUp();
    const session = await onnxEngine().open(model, { batchSize: BATCH });
    await session.step(batch, hyper);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const started = performance.now();
    for (let step = 0; step < 3; step++) await session.step(batch, hyper);
    clearInterval(timer);
    const milliseconds = performance.now() - started;
    expect(ticks).toBeGreaterThan(Math.min(5, milliseconds / 10));
    await session.dispose();
  });

  test('reports progress of a prediction, the last partial batch included', async () => {
    const { model, batch } = setUp();
    const progress: [number, number][] = [];
    const session = await onnxEngine({ predictBatchSize: 25 }).open(model, { batchSize: BATCH });
    const logits = await session.predict(batch.images, (done, total) => progress.push([done, total]));
    expect(logits.shape).toEqual([BATCH, 4]);
    expect(progress).toEqual([
      [25, 64],
      [50, 64],
      [64, 64],
    ]);
    await session.dispose();
  });

  test.each([true, false])(
    'is cancelled by a signal (worker: %s): pending and later calls reject, dispose still works',
    async (worker) => {
      const { model, batch } = setUp();
      const controller = new AbortController();
      const { signal } = controller;
      const session = await onnxEngine({ worker }).open(model, { batchSize: BATCH, signal });
      await session.step(batch, hyper);
      const pending = session.step(batch, hyper);
      // On this thread, the step is over before anything else can be: only later calls are refused.
      if (worker) setTimeout(() => controller.abort(), 1);
      else controller.abort();
      await expect(pending).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
      await expect(session.step(batch, hyper)).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
      await session.dispose();
    },
  );

  test('a session that is cancelled before it opens rejects', async () => {
    const { model } = setUp();
    const opening = onnxEngine().open(model, { batchSize: BATCH, signal: AbortSignal.abort() });
    await expect(opening).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });
});
