import type { BatchPlan, ImageDataset } from '@mnist/dataset';
import ndarray from 'ndarray';
// The built package: the loader starts its worker from the file beside it.
import { type LoaderPlan, type SeededTransform, transformFromSpec } from '../dist/index.js';
import { drawImage } from './_images.js';

const size = 28;

export function createDataset(count: number): ImageDataset {
  const pixels = new Uint8Array(count * size * size);
  for (let i = 0; i < count; i++) pixels.set(drawImage(size, size, i + 1).data, i * size * size);
  return {
    name: 'synthetic-digits',
    split: 'train',
    images: ndarray(pixels, [count, size, size]),
    labels: ndarray(
      Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10),
      [count],
    ),
    classNames: [...'0123456789'],
    synthetic: true,
    source: 'generated',
  };
}

/** Batches of `batchSize` that walk through `count` images in a fixed, scattered order; the last one of an epoch is short. */
export function createPlan(count: number, batchSize: number, epochs: number, seed = 5): LoaderPlan {
  const batchesPerEpoch = Math.ceil(count / batchSize);
  const totalBatches = batchesPerEpoch * epochs;
  return {
    batchSize,
    batchesPerEpoch,
    totalBatches,
    seed,
    *iterate(start = 0): Generator<BatchPlan> {
      // One array for all batches: the loader must not rely on it when it looks ahead.
      const memory = new Uint32Array(batchSize);
      for (let step = start; step < totalBatches; step++) {
        const first = (step % batchesPerEpoch) * batchSize;
        const length = Math.min(batchSize, count - first);
        const indices = memory.subarray(0, length);
        for (let i = 0; i < length; i++) indices[i] = ((first + i) * 37) % count;
        yield { indices, step, epoch: Math.floor(step / batchesPerEpoch) };
      }
    },
  };
}

export interface WatchedOptions {
  counter?: SharedArrayBuffer;
  failAt?: number;
  dieAt?: number;
  millisecondsPerImage?: number;
}

export function watchedTransform(options: WatchedOptions = {}): Promise<SeededTransform> {
  const module = new URL('./fixtures/transforms.mjs', import.meta.url).href;
  return transformFromSpec({ module, export: 'watched', options });
}
