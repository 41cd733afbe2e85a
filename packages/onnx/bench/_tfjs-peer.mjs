import { committeeNet, compactNet } from '@mnist/models';
import { tfjsEngine } from '@mnist/tfjs';
import ndarray from 'ndarray';
import { readBatches } from './_batches.mjs';
import { serveSteps } from './_peer-loop.mjs';

const [net, , file, count, size, backend] = process.argv.slice(2);
const packageName = backend === 'cpu' ? '@tensorflow/tfjs-backend-cpu' : '@tensorflow/tfjs-node';
try {
  await import(packageName);
} catch {
  console.log(JSON.stringify({ missing: `${packageName} is not installed` }));
  process.exit(0);
}
// The cpu backend takes minutes for a whole batch: two images stand for it.
const batchSize = backend === 'cpu' ? 2 : Number(size);
const model = net === 'compact' ? compactNet({ seed: 1 }) : committeeNet({ seed: 1 });
const session = await tfjsEngine({ backend }).open(model, { batchSize });
const batches = readBatches(file, Number(count), Number(size)).map(({ images, labels }) => ({
  images: ndarray(images.subarray(0, batchSize * 784), [batchSize, 28, 28, 1]),
  labels: ndarray(labels.subarray(0, batchSize)),
}));
const hyper = { learningRate: 4e-4, momentum: 0.9, weightDecay: 0 };
await serveSteps((index) => session.step(batches[index % batches.length], hyper), batchSize);
