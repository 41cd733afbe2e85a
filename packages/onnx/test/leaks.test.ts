import '@tensorflow/tfjs-backend-cpu';
import { getEventListeners, once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, test } from 'vitest';
// The built package: only there does the worker's file stand beside the code that starts it.
import { onnxEngine } from '../dist/index.js';

const alive = new Set<Worker>();
const watch = (worker: Worker) => {
  alive.add(worker);
  void once(worker, 'exit').then(() => alive.delete(worker));
};
beforeAll(() => void process.on('worker', watch));
afterAll(() => void process.off('worker', watch));

const net = () =>
  sequential({ layers: [layers.flatten({ inputShape: [3, 3, 1] }), layers.dense({ units: 2 })] });

test('a session that is disposed of leaves no worker and no listener on its signal', async () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    const session = await onnxEngine().open(net(), { batchSize: 2, signal });
    expect(alive.size).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await session.dispose();
    expect(alive.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  }
});

test('a session that cannot read its model leaves no worker and no listener', async () => {
  const { signal } = new AbortController();
  const model = net();
  model.dispose();
  await expect(onnxEngine().open(model, { batchSize: 2, signal })).rejects.toThrow(/disposed/);
  expect(alive.size).toBe(0);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a session whose provider does not start leaves no worker', async () => {
  const engine = onnxEngine({ provider: process.platform === 'linux' ? 'cuda' : 'webgpu' });
  const session = await engine.open(net(), { batchSize: 2 }).catch(() => undefined);
  await session?.dispose();
  expect(alive.size).toBe(0);
});
