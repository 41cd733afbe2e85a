import type { Batch, BatchPlan, BatchSource, ImageDataset, ImageTransform } from '@mnist/dataset';
import { callback, integer, required } from '@mnist/kit';
import ndarray from 'ndarray';
import { Crew } from './_crew.js';
import { checkDataset, packedPixels, sharedPixels } from './_dataset-memory.js';
import { createFillBatch } from './_fill-batch.js';
import { requireSharedMemory } from './_start-worker.js';
import { AugmentError, check } from './augment-error.js';
import type { SeededTransform, TransformSpec } from './seeded-transform.js';

/** Which images make up which batch: what `planBatches` of @mnist/dataset returns. */
export interface LoaderPlan {
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly totalBatches: number;
  readonly seed: number;
  iterate(start?: number): Iterable<BatchPlan>;
}

export interface ParallelLoaderOptions {
  /** Makes a training image of a stored one. With workers it needs a `spec`: see `transformFromSpec`. */
  transform: ImageTransform | SeededTransform;
  /** Worker threads, 0 to 64. 0 does the work in the calling thread. Default 1: enough for 20,000 images a second. */
  workers?: number;
  /** Batches that may lie ready at once, at least as many as workers. Default: the larger of 4 and 2 * workers. */
  queue?: number;
  /** [height, width] of the images that the transform writes, in pixels. Default: that of the data set. */
  outputSize?: readonly [height: number, width: number];
}

/** A stream of transformed batches, the same for every number of workers. */
export interface ParallelLoader extends BatchSource {
  iterate(start?: number): AsyncGenerator<Batch, void, undefined>;
  /** Ends every iteration and its workers; resolves when they are gone. An iteration that is continued throws LOADER_CLOSED. */
  close(): Promise<void>;
}

/**
 * Transforms the images of a plan's batches in worker threads, ahead of the one who eats them.
 *
 * Each `iterate` has its own workers, which start with its first batch and end with its last, or when the loop is
 * left. At most `queue` batches wait at a time. They are filled while the calling thread is busy in native code:
 * workers need nothing from its event loop. Batch k of the stream depends on the data set, the plan and the transform
 * alone, so the bytes are the same for 0, 1, 2 or 8 workers.
 *
 * @throws AugmentError INVALID_OPTION, INVALID_DATASET, TRANSFORM_NOT_PORTABLE. An iteration throws TRANSFORM_FAILED
 *   (with `imageIndex`) in place of the batch that holds the image, WORKER_DIED, LOADER_CLOSED.
 */
export function parallelLoader(
  dataset: ImageDataset,
  plan: LoaderPlan,
  options: ParallelLoaderOptions,
): ParallelLoader {
  const where = 'parallelLoader';
  checkDataset(dataset);
  const [count, height, width] = dataset.images.shape as [number, number, number];
  const side = integer({ min: 1, max: 4096 });
  const { transform, workers, queue, outputSize } = check.complete<Required<ParallelLoaderOptions>>(
    where,
    options,
    { workers: 1, queue: Math.max(4, 2 * (options?.workers ?? 1)), outputSize: [height, width] },
    { transform: required(callback), workers: integer({ min: 0, max: 64 }) },
  );
  check.require(where, 'queue', queue, integer({ min: Math.max(1, workers), max: 1024 }));
  check.require(where, 'outputSize[0]', outputSize[0], side);
  check.require(where, 'outputSize[1]', outputSize[1], side);
  const spec = portableSpec(transform, workers);
  const { batchSize, batchesPerEpoch, totalBatches, seed } = plan;
  const [outHeight, outWidth] = outputSize;
  const imageLength = outHeight * outWidth;
  const crews = new Set<Crew>();
  let pixels: Uint8Array | Float32Array | undefined;
  let closed = false;

  const plannedBatches = function* (start: number): Generator<BatchPlan> {
    for (const planned of plan.iterate(start)) {
      checkIndices(planned, batchSize, count);
      yield planned;
    }
  };
  /** Memory of one iteration, given out again and again. */
  const createBatches = () => {
    const images = new Float32Array(batchSize * imageLength);
    const labels = new Uint8Array(batchSize);
    return {
      images,
      batch: ({ indices, step, epoch }: BatchPlan): Batch => {
        const size = indices.length;
        for (let i = 0; i < size; i++) labels[i] = dataset.labels.get(indices[i]!);
        return {
          images: ndarray(images.subarray(0, size * imageLength), [size, outHeight, outWidth, 1]),
          labels: ndarray(labels.subarray(0, size), [size]),
          indices,
          step,
          epoch,
        };
      },
    };
  };

  async function* iterateHere(start: number): AsyncGenerator<Batch, void, undefined> {
    pixels ??= packedPixels(dataset.images);
    const fill = createFillBatch({ pixels, height, width }, transform, seed, outHeight, outWidth);
    const { images, batch } = createBatches();
    for (const planned of plannedBatches(start)) {
      if (closed) throw closedError();
      fill(planned.indices, planned.epoch, images);
      yield batch(planned);
    }
  }

  async function* iterateAcross(start: number, spec: TransformSpec): AsyncGenerator<Batch, void, undefined> {
    if (closed) throw closedError();
    requireSharedMemory();
    pixels = sharedPixels(pixels ?? packedPixels(dataset.images));
    const task = { pixels, height, width, outHeight, outWidth, seed, spec };
    const crew = new Crew({ workers, slots: queue, batchSize, imageLength, task });
    crews.add(crew);
    try {
      const { ring } = crew;
      const { images, batch } = createBatches();
      const planned = plannedBatches(start);
      const asked: BatchPlan[] = [];
      let tickets = 0;
      const askForOne = (): void => {
        const next = planned.next();
        if (next.done) return;
        // A copy: a plan may use one array again and again, and this batch waits for its turn.
        const ahead = { ...next.value, indices: next.value.indices.slice() };
        ring.publish(tickets++, ahead.indices, ahead.epoch);
        asked.push(ahead);
      };
      for (let i = 0; i < queue; i++) askForOne();
      for (let ticket = 0; asked.length > 0; ticket++) {
        await crew.waitFor(ticket);
        images.set(ring.images(ticket));
        ring.release(ticket);
        const current = asked.shift()!;
        askForOne();
        yield batch(current);
        if (closed) throw closedError();
      }
    } finally {
      crews.delete(crew);
      await crew.stop(closedError());
    }
  }

  return {
    batchSize,
    batchesPerEpoch,
    totalBatches,
    imageShape: [outHeight, outWidth, 1],
    iterate(start = 0) {
      check.require(where, 'start', start, integer({ min: 0, max: totalBatches }));
      return spec === undefined ? iterateHere(start) : iterateAcross(start, spec);
    },
    async close() {
      closed = true;
      await Promise.all([...crews].map((crew) => crew.stop(closedError())));
    },
  };
}

/** The recipe to send to workers; undefined when there are none. */
function portableSpec(transform: ImageTransform, workers: number): TransformSpec | undefined {
  if (workers === 0) return undefined;
  const { spec } = transform as Partial<SeededTransform>;
  if (spec === undefined) {
    throw new AugmentError(
      'TRANSFORM_NOT_PORTABLE',
      `parallelLoader: the transform '${transform.name || 'anonymous'}' carries no spec, and a function cannot be sent to a worker. Put it into a module and use await transformFromSpec({ module: new URL('./my-transform.js', import.meta.url).href }), or set workers: 0.`,
    );
  }
  return spec;
}

function checkIndices({ indices, step }: BatchPlan, batchSize: number, count: number): void {
  if (indices.length > batchSize) {
    throw new AugmentError(
      'INVALID_DATASET',
      `Batch ${step} of the plan has ${indices.length} images, expected at most its batchSize, ${batchSize}.`,
    );
  }
  for (const index of indices) {
    if (index >= count) {
      throw new AugmentError(
        'INVALID_DATASET',
        `Batch ${step} of the plan asks for image ${index}, but the data set has ${count}. Plan and data set do not belong together.`,
      );
    }
  }
}

function closedError(): AugmentError {
  return new AugmentError(
    'LOADER_CLOSED',
    'The loader was closed while a loop over its batches was going on.',
  );
}
