import '@tensorflow/tfjs-backend-cpu';
import { committeeNet, compactNet } from '@mnist/models';
import { nativeEngine } from '@mnist/native';
import ndarray from 'ndarray';
import { readBatches } from './_batches.mjs';
import { serveSteps } from './_peer-loop.mjs';

const [net, threads, file, count, size, path, precision] = process.argv.slice(2);
const batchSize = Number(size);
const model = net === 'compact' ? compactNet({ seed: 1 }) : committeeNet({ seed: 1 });
const session = await nativeEngine({ threads: Number(threads), path, precision }).open(model, { batchSize });
const batches = readBatches(file, Number(count), batchSize).map(({ images, labels }) => ({
  images: ndarray(images, [batchSize, 28, 28, 1]),
  labels: ndarray(labels),
}));
const hyper = { learningRate: 4e-4, momentum: 0.9, weightDecay: 0 };
await serveSteps((index) => session.step(batches[index % batches.length], hyper), batchSize);
await session.dispose();
