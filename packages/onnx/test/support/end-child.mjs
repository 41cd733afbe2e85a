// Ends its process in the middle of a native call: node end-child.mjs exit | throw | abort | sigint | open | predict | idle
import '@tensorflow/tfjs-backend-cpu';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { onnxEngine } from '../../dist/index.js';

const [how] = process.argv.slice(2);
const BATCH = 64;
const convolution = (filters, extra) =>
  layers.conv2d({ filters, kernelSize: 5, activation: 'relu', ...extra });
const model = sequential({
  layers: [
    convolution(32, { inputShape: [24, 24, 1] }),
    convolution(32),
    layers.flatten(),
    layers.dense({ units: 4 }),
  ],
});
const batch = {
  images: ndarray(new Float32Array(BATCH * 576), [BATCH, 24, 24, 1]),
  labels: ndarray(new Uint8Array(BATCH)),
};
const hyper = { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 };
const controller = new AbortController();

if (how === 'open') {
  onnxEngine().open(model, { batchSize: BATCH });
  process.on('worker', () => setTimeout(() => process.exit(3), 120));
} else {
  const session = await onnxEngine().open(model, { batchSize: BATCH, signal: controller.signal });
  await session.step(batch, hyper);
  if (how === 'idle') process.exit(3);
  const call = how === 'predict' ? session.predict(batch.images) : session.step(batch, hyper);
  if (how === 'sigint') {
    // As a program does that stops at the second Ctrl-C.
    process.on('SIGINT', () => process.exit(130));
    process.kill(process.pid, 'SIGINT');
  }
  setTimeout(
    () => {
      if (how === 'throw') throw new Error('on purpose');
      if (how === 'abort') controller.abort(new Error('enough'));
      else if (how !== 'sigint') process.exit(3);
    },
    how === 'predict' ? 1 : 5,
  );
  await call.catch((error) => {
    console.log(error.code, error.cause?.message);
    process.exitCode = 130;
  });
}
