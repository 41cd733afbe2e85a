// One training in a process of its own, for kill.test.ts: node kill-child.mjs <folder>
// Writes result.json when it has finished.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const folder = process.argv[2];

// Checkpoint writes take their time: half of the bytes, a pause, the rest, a pause, the rename.
const open = fs.open;
fs.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  if (!String(path).includes('.step-')) return handle;
  const writeFile = handle.writeFile.bind(handle);
  handle.writeFile = async (data) => {
    const half = data.length >> 1;
    await writeFile(data.subarray(0, half));
    await delay(4);
    await writeFile(data.subarray(half));
    await delay(4);
  };
  return handle;
};
syncBuiltinESMExports();

await import('@tensorflow/tfjs-backend-cpu');
const tf = await import('@tensorflow/tfjs-core');
const { layers, sequential } = await import('@tensorflow/tfjs-layers');
const { default: ndarray } = await import('ndarray');
const { tfjsEngine } = await import('@mnist/tfjs');
const train = await import('../dist/index.js');

const random = (seed) => {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
};

const net = sequential({
  layers: [
    layers.conv2d({ inputShape: [4, 4, 1], filters: 3, kernelSize: 3, activation: 'relu', name: 'conv' }),
    layers.batchNormalization({ name: 'norm' }),
    layers.flatten(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, name: 'dense' }),
  ],
});
const next = random(1);
net.setWeights(
  net.weights.map(({ shape, originalName }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const offset = /gamma|variance/.test(originalName) ? 1 : 0;
    return tf.tensor(
      Array.from({ length: size }, () => offset + 0.3 * (next() - 0.5)),
      shape,
    );
  }),
);

const makeBatch = (step, epoch) => {
  const draw = random(1000 + step);
  return {
    images: ndarray(
      Float32Array.from({ length: 64 }, () => draw() - 0.5),
      [4, 4, 4, 1],
    ),
    labels: ndarray(Uint8Array.from({ length: 4 }, () => Math.floor(draw() * 3))),
    indices: new Uint32Array(4),
    step,
    epoch,
  };
};
const data = {
  batchSize: 4,
  batchesPerEpoch: 20,
  totalBatches: 160,
  imageShape: [4, 4, 1],
  *iterate(start = 0) {
    for (let step = start; step < 160; step++) yield makeBatch(step, Math.floor(step / 20));
  },
};

const record = train.recorder();
const { images, labels } = makeBatch(9999, 0);
const summary = await new train.Trainer({
  model: net,
  engine: tfjsEngine({ backend: 'cpu' }),
  data,
  learningRate: train.oneCycle({ max: 1e-2, steps: 160 }),
  seed: 7,
  callbacks: [
    record,
    train.validation({ images, labels, everySteps: 7 }),
    train.weightAverage({ kind: 'ema', halfLife: 30, everySteps: 3, reestimateBatches: 10 }),
    train.csvLog({ path: join(folder, 'log.csv') }),
    train.checkpoint({ directory: join(folder, 'checkpoints'), everySteps: 3, resume: true }),
  ],
}).train();

const { step, loss, metrics } = record.history;
await fs.writeFile(
  join(folder, 'result.json'),
  JSON.stringify({
    reason: summary.reason,
    weights: net.getWeights().map((tensor) => [...tensor.dataSync()]),
    history: { step, loss, metrics },
  }),
);
