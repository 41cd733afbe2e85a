// Memory of a training process: peak, and growth between steps 200 and the last. Usage: node bench/memory.mjs [compact|committee] [steps]
import '@tensorflow/tfjs-backend-cpu';
import { committeeNet, compactNet } from '@mnist/models';
import { onnxEngine } from '@mnist/onnx';
import ndarray from 'ndarray';

const [net = 'compact', steps = '2000'] = process.argv.slice(2);
const BATCH = 100;
const model = net === 'compact' ? compactNet({ seed: 1 }) : committeeNet({ seed: 1 });
const session = await onnxEngine({ threads: 2 }).open(model, { batchSize: BATCH });
const images = Float32Array.from({ length: BATCH * 784 }, (_, index) => Math.sin(index));
const batch = {
  images: ndarray(images, [BATCH, 28, 28, 1]),
  labels: ndarray(Uint8Array.from({ length: BATCH }, (_, index) => index % 10)),
};
const megabytes = () => process.memoryUsage().rss / 1e6;
const settled = Math.min(200, Math.floor(Number(steps) / 2));
let start = 0;
for (let step = 0; step < Number(steps); step++) {
  await session.step(batch, { learningRate: 1e-4, momentum: 0.9, weightDecay: 0 });
  if (step === settled) start = megabytes();
  if (step % 500 === 0) console.log(`step ${step}: ${megabytes().toFixed(0)} MB`);
}
const peak = process.resourceUsage().maxRSS / 1000;
console.log(
  `${net}: peak ${peak.toFixed(0)} MB, ${(megabytes() - start).toFixed(1)} MB more at step ${steps} than at step ${settled}`,
);
await session.dispose();
