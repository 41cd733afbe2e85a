// Trains on fixed data in a process of its own: node train-child.mjs STEPS STATE_FILE THREADS [kill-after]
// Resumes from STATE_FILE where it exists, saves after each step, prints a digest of the final state.
import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { compactNet } from '@mnist/models';
import ndarray from 'ndarray';
import { onnxEngine } from '../../dist/index.js';

const [steps, file, threads, killAfter] = process.argv.slice(2);
const model = compactNet({ widths: [16, 16, 32], seed: 3 });
const session = await onnxEngine({ threads: Number(threads) }).open(model, { batchSize: 10 });
if (existsSync(file)) await session.restore(deserialize(readFileSync(file)));
for (let { step } = await session.state(); step < Number(steps); step++) {
  const images = Float32Array.from({ length: 10 * 784 }, (_, index) => Math.sin(index * 0.37 + step * 1.3));
  const labels = Uint8Array.from({ length: 10 }, (_, index) => (index + step) % 10);
  const batch = { images: ndarray(images, [10, 28, 28, 1]), labels: ndarray(labels) };
  await session.step(batch, { learningRate: 1e-3, momentum: 0.9 - step / 100, weightDecay: 0.01 });
  writeFileSync(`${file}.part`, serialize(await session.state()));
  renameSync(`${file}.part`, file);
  if (step + 1 === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
}
const state = await session.state();
const digest = createHash('sha256');
for (const tensors of [state.parameters, ...Object.values(state.slots), state.statistics]) {
  for (const { data } of tensors) digest.update(data);
}
console.log(
  JSON.stringify({ slots: Object.keys(state.slots), step: state.step, digest: digest.digest('hex') }),
);
await session.dispose();
