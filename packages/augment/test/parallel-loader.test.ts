import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { type Batch, type BatchSource, planBatches } from '@mnist/dataset';
import ndarray from 'ndarray';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type AugmentError,
  compose,
  elastic,
  fusedPipeline,
  normalize,
  parallelLoader,
  trainingPipeline,
} from '../dist/index.js';
import { createDataset, createPlan, watchedTransform } from './_loader-fixtures.js';

const count = 250;
const dataset = createDataset(count);
const plan = createPlan(count, 40, 3);
const workerCounts = [0, 1, 2, 8];

const started: Worker[] = [];
const living = new Set<Worker>();
process.on('worker', (worker) => {
  started.push(worker);
  living.add(worker);
  worker.on('exit', () => living.delete(worker));
});
beforeEach(() => {
  started.length = 0;
});
afterAll(() => {
  expect(living.size, 'workers that outlived their iteration').toBe(0);
});

async function digest(source: BatchSource, start?: number): Promise<{ batches: number; sha256: string }> {
  const hash = createHash('sha256');
  let batches = 0;
  for await (const { images, labels, indices, step, epoch } of source.iterate(start)) {
    hash.update(images.data).update(labels.data).update(indices);
    hash.update(JSON.stringify([images.shape, labels.shape, step, epoch]));
    batches++;
  }
  return { batches, sha256: hash.digest('hex') };
}

/** The error that an iteration ends with, and how many batches came before it. */
async function failureOf(source: BatchSource, onBatch: (batch: Batch) => unknown = () => {}) {
  let batches = 0;
  try {
    for await (const batch of source.iterate()) {
      batches++;
      await onBatch(batch);
    }
  } catch (error) {
    return { batches, error: error as AugmentError };
  }
  throw new Error('The iteration was expected to fail.');
}

describe('the stream', () => {
  test('is the same, byte for byte, for 0, 1, 2 and 8 workers', async () => {
    for (const transform of [trainingPipeline(), fusedPipeline(), compose(elastic(), normalize)]) {
      const streams = [];
      for (const workers of workerCounts)
        streams.push(await digest(parallelLoader(dataset, plan, { transform, workers })));
      expect(streams[0]!.batches).toBe(21);
      for (const stream of streams) expect(stream).toEqual(streams[0]);
    }
  });

  test('can be entered anywhere', async () => {
    const transform = fusedPipeline();
    const whole: string[] = [];
    const print = ({ images, step }: Batch) =>
      `${step} ${createHash('sha256').update(images.data).digest('hex')}`;
    for await (const batch of parallelLoader(dataset, plan, { transform, workers: 2 }).iterate())
      whole.push(print(batch));
    for (const workers of workerCounts) {
      const tail: string[] = [];
      const loader = parallelLoader(dataset, plan, { transform, workers, queue: 8 });
      for await (const batch of loader.iterate(17)) tail.push(print(batch));
      expect(tail).toEqual(whole.slice(17));
      expect(await digest(loader, 21)).toMatchObject({ batches: 0 });
    }
  });

  test('has other images in every epoch and for every seed, and the labels of its images', async () => {
    const seen = new Set<string>();
    for (const seed of [1, 2]) {
      const transform = fusedPipeline();
      for await (const batch of parallelLoader(dataset, createPlan(count, count, 3, seed), {
        transform,
      }).iterate()) {
        seen.add(createHash('sha256').update(batch.images.data).digest('hex'));
        for (const [i, index] of batch.indices.entries()) expect(batch.labels.get(i)).toBe((index * 7) % 10);
      }
    }
    expect(seen.size).toBe(6);
  });

  test('works on strided and float32 data sets, and into other sizes', async () => {
    const transform = fusedPipeline();
    const { images } = dataset;
    const reals = ndarray(Float32Array.from(images.data), images.shape);
    const turned = { ...dataset, images: images.step(-1) };
    const packed = ndarray(new Uint8Array(images.data.length), images.shape);
    for (let i = 0; i < count; i++) {
      packed.data.set(images.data.subarray(i * 784, (i + 1) * 784), (count - 1 - i) * 784);
    }
    for (const workers of [0, 2]) {
      const expected = await digest(parallelLoader(dataset, plan, { transform, workers }));
      const ofReals = { ...dataset, images: reals as never };
      expect(await digest(parallelLoader(ofReals, plan, { transform, workers }))).toEqual(expected);
      const ofTurned = await digest(parallelLoader(turned, plan, { transform, workers }));
      expect(ofTurned).toEqual(
        await digest(parallelLoader({ ...dataset, images: packed }, plan, { transform, workers })),
      );
      expect(ofTurned).not.toEqual(expected);
      const loader = parallelLoader(dataset, plan, { transform, workers, outputSize: [20, 31] });
      expect(loader.imageShape).toEqual([20, 31, 1]);
      for await (const batch of loader.iterate(20)) expect(batch.images.shape).toEqual([10, 20, 31, 1]);
    }
  });

  test('follows the plans of @mnist/dataset', async () => {
    const planned = planBatches(dataset, { batchSize: 32, epochs: 2.5, seed: 3 });
    const transform = fusedPipeline();
    const expected = await digest(parallelLoader(dataset, planned, { transform, workers: 0 }));
    expect(expected.batches).toBe(planned.totalBatches);
    expect(await digest(parallelLoader(dataset, planned, { transform, workers: 2, queue: 9 }))).toEqual(
      expected,
    );
  });

  test('gives batches in plain memory, which native code can take', async () => {
    for await (const { images } of parallelLoader(dataset, plan, { transform: fusedPipeline() }).iterate(
      20,
    )) {
      expect(images.data.buffer).toBeInstanceOf(ArrayBuffer);
    }
  });
});

describe('workers', () => {
  test('run ahead while this thread is blocked, and no further than the queue', async () => {
    const counter = new SharedArrayBuffer(4);
    const seen = new Int32Array(counter);
    const transform = await watchedTransform({ counter });
    const loader = parallelLoader(dataset, plan, { transform, workers: 2, queue: 5 });
    const iterator = loader.iterate();
    await iterator.next();
    // Blocked as by native code: the event loop does not turn.
    const blocked = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(blocked, 0, 0, 500);
    expect(Atomics.load(seen, 0)).toBe(6 * 40);
    await sleep(200);
    expect(Atomics.load(seen, 0)).toBe(6 * 40);
    await iterator.return();
  });

  test('end when the loop ends, is left, or throws', async () => {
    const transform = fusedPipeline();
    const loader = parallelLoader(dataset, plan, { transform, workers: 3 });
    await digest(loader);
    expect(started.length).toBe(3);
    expect(living.size).toBe(0);
    for await (const batch of loader.iterate()) if (batch.step === 2) break;
    expect(living.size).toBe(0);
    await expect(async () => {
      for await (const _ of loader.iterate()) throw new Error('from the loop');
    }).rejects.toThrow('from the loop');
    expect(living.size).toBe(0);
    expect(started.length).toBe(9);
  });

  test('of two iterations at once do not meet', async () => {
    const loader = parallelLoader(dataset, plan, { transform: trainingPipeline(), workers: 2 });
    const [a, b] = await Promise.all([digest(loader), digest(loader)]);
    expect(a).toEqual(b);
  });

  test('that are killed surface as an error within a second', async () => {
    const transform = await watchedTransform({ millisecondsPerImage: 1 });
    let killed = 0;
    const loader = parallelLoader(dataset, plan, { transform, workers: 2, queue: 2 });
    const { error } = await failureOf(loader, ({ step }) => {
      if (step !== 1) return;
      killed = performance.now();
      void started[0]!.terminate();
    });
    expect(performance.now() - killed).toBeLessThan(1000);
    expect(error).toMatchObject({ name: 'AugmentError', code: 'WORKER_DIED' });
    expect(error.message).toMatch(/Worker 0 .* exit code 1 .*workers: 0/s);
    expect(living.size).toBe(0);
  });

  test('that kill themselves surface as well', async () => {
    const transform = await watchedTransform({ dieAt: 37 });
    const begun = performance.now();
    const { error } = await failureOf(parallelLoader(dataset, plan, { transform, workers: 2 }));
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(error.code).toBe('WORKER_DIED');
    expect(error.message).toContain('exit code 7');
  });

  test('close() ends all iterations, also one that is waiting', async () => {
    const transform = await watchedTransform({ millisecondsPerImage: 20 });
    const loader = parallelLoader(dataset, plan, { transform, workers: 2 });
    const waiting = failureOf(loader);
    const idle = loader.iterate();
    await idle.next();
    await loader.close();
    expect(living.size).toBe(0);
    expect((await waiting).error.code).toBe('LOADER_CLOSED');
    await expect(idle.next()).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
    await expect(loader.iterate().next()).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
    await loader.close();

    const here = parallelLoader(dataset, plan, { transform: fusedPipeline(), workers: 0 });
    const iterator = here.iterate();
    await iterator.next();
    await here.close();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'LOADER_CLOSED' });
  });
});

describe('errors', () => {
  test('of a transform come with the image, after the batches before it, for every number of workers', async () => {
    // The plan shows image 230 as number 40 of an epoch (40 * 37 % 250), the first of batch 1.
    const transform = await watchedTransform({ failAt: 230 });
    for (const workers of workerCounts) {
      const { batches, error } = await failureOf(parallelLoader(dataset, plan, { transform, workers }));
      expect(batches).toBe(1);
      expect(error).toMatchObject({ name: 'AugmentError', code: 'TRANSFORM_FAILED', imageIndex: 230 });
      expect(error.message).toContain('image 230 of the data set (seed 5, epoch 0): no such stroke in 230');
      expect(error.cause).toMatchObject({ name: 'RangeError', message: 'no such stroke in 230' });
      expect((error.cause as Error).stack).toContain('transforms.mjs');
    }
  });

  test('at the start of a worker reach the caller', async () => {
    const transform = await watchedTransform();
    const module = new URL('./fixtures/transforms.mjs', import.meta.url).href;
    const gone = Object.assign((...args: Parameters<typeof transform>) => transform(...args), {
      spec: { module, export: 'broken' },
      parameters: transform.parameters,
    });
    const { error, batches } = await failureOf(
      parallelLoader(dataset, plan, { transform: gone, workers: 2 }),
    );
    expect(batches).toBe(0);
    expect(error).toMatchObject({ name: 'TypeError', message: 'cannot be made' });
  });

  test.each([
    ['INVALID_OPTION', () => parallelLoader(dataset, plan, { transform: fusedPipeline(), workers: 1.5 })],
    [
      'INVALID_OPTION',
      () => parallelLoader(dataset, plan, { transform: fusedPipeline(), workers: 4, queue: 2 }),
    ],
    ['INVALID_OPTION', () => parallelLoader(dataset, plan, {} as never)],
    [
      'INVALID_OPTION',
      () => parallelLoader(dataset, plan, { transform: fusedPipeline(), threads: 2 } as never),
    ],
    ['INVALID_OPTION', () => parallelLoader(dataset, plan, { transform: fusedPipeline() }).iterate(99)],
    ['TRANSFORM_NOT_PORTABLE', () => parallelLoader(dataset, plan, { transform: () => {}, workers: 1 })],
    [
      'TRANSFORM_NOT_PORTABLE',
      () => parallelLoader(dataset, plan, { transform: compose(() => {}, normalize) }),
    ],
    [
      'INVALID_DATASET',
      () => parallelLoader({ ...dataset, images: dataset.labels }, plan, { transform: normalize }),
    ],
    [
      'INVALID_DATASET',
      () => parallelLoader({ ...dataset, labels: dataset.images }, plan, { transform: normalize }),
    ],
    ['INVALID_DATASET', () => parallelLoader(undefined as never, plan, { transform: normalize })],
  ])('%s is thrown at once: %s', (code, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'AugmentError', code }));
  });

  test('of a plan for another data set name the image', async () => {
    for (const workers of [0, 1]) {
      const loader = parallelLoader(createDataset(20), plan, { transform: normalize, workers });
      const { error } = await failureOf(loader);
      expect(error.code).toBe('INVALID_DATASET');
      expect(error.message).toMatch(/asks for image \d+, but the data set has 20/);
    }
  });
});
