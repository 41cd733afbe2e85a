import { createInterface } from 'node:readline';
import ndarray from 'ndarray';
import { readBatches } from './_batches.mjs';

const WARM_UP_STEPS = 3;
const HYPER = { learningRate: 4e-4, momentum: 0.9, weightDecay: 0 };

/**
 * Trains or predicts with a session of an engine, as the bench asks. `mode` is 'train' or 'inference'; of each batch of `size`
 * images in the file the first `batchSize` are taken.
 */
export async function serveSession(session, mode, file, count, size, batchSize = size) {
  const batches = readBatches(file, count, size).map(({ images, labels }) => ({
    images: ndarray(images.subarray(0, batchSize * 784), [batchSize, 28, 28, 1]),
    labels: ndarray(labels.subarray(0, batchSize)),
  }));
  if (mode === 'inference') {
    const pixels = new Float32Array(count * batchSize * 784);
    for (const [index, { images }] of batches.entries()) pixels.set(images.data, index * batchSize * 784);
    const images = ndarray(pixels, [count * batchSize, 28, 28, 1]);
    await serveSteps(() => session.predict(images), count * batchSize);
  } else {
    await serveSteps((index) => session.step(batches[index % batches.length], HYPER), batchSize);
  }
  await session.dispose();
}

/** Answers the bench's requests on the standard input. @param step does step number `index`, on `batchSize` images */
async function serveSteps(step, batchSize) {
  let index = 0;
  for (; index < WARM_UP_STEPS; index++) await step(index);
  console.log(JSON.stringify({ ready: true }));
  for await (const line of createInterface({ input: process.stdin })) {
    const milliseconds = [];
    // The others had their turn meanwhile: the first step finds cold caches and a core that slept, and is not timed.
    await step(index++);
    for (let count = Number(line.split(' ')[1]); count > 0; count--) {
      const start = performance.now();
      await step(index++);
      milliseconds.push(performance.now() - start);
    }
    // maxRSS is in kilobytes.
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify({ milliseconds, peakBytes, batchSize }));
  }
}
