// Memory of a long training of a small net: node bench/memory.mjs [steps] [net]. It must stay flat.
import '@tensorflow/tfjs-backend-cpu';
import { cpus } from 'node:os';
import { committeeNet, lenet5 } from '@mnist/models';
import ndarray from 'ndarray';
import { nativeEngine } from '../dist/index.js';

const steps = Number(process.argv[2] ?? 20_000);
const model =
  process.argv[3] === 'lenet5' ? lenet5({ seed: 1 }) : committeeNet({ widths: [4, 8, 8], seed: 1 });
const session = await nativeEngine().open(model, { batchSize: 8 });
const images = ndarray(
  Float32Array.from({ length: 8 * 784 }, (_, i) => Math.sin(i)),
  [8, 28, 28, 1],
);
const labels = ndarray(Uint8Array.from({ length: 8 }, (_, i) => i % 10));
const megabytes = () => (process.memoryUsage.rss() / 1e6).toFixed(0);
console.log(`${session.computedBy} on ${cpus()[0].model}; resident memory in MB`);
for (let step = 1; step <= steps; step++) {
  await session.step({ images, labels }, { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 });
  if (step === 100 || step % (steps / 10) === 0) console.log(`step ${step}: ${megabytes()}`);
}
console.log(`peak ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)}`);
await session.dispose();
