// node webgpu-child.mjs conformance [PATTERN] | sizes | growth STEPS | curve STEPS WIDTHS BATCH RATE | diverge: proves the WebGPU provider on the device that the environment gives.
// One JSON line for each check. A software device takes hours for some: MNIST_TEST_WEBGPU_FOLDER keeps what is done (conformance
// cases passed, the curve so far), and the same command goes on from there. A new build of the engine begins anew.
import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import {
  engineConformanceCases,
  goldenTrainingCases,
  readMnistDigits,
  smallGoldenNet,
} from '@mnist/engine/conformance';
import { committeeNet, compactNet } from '@mnist/models';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import { onnxEngine } from '../../dist/index.js';

const [what, count, ...more] = process.argv.slice(2);
const worker = true;
const gpu = onnxEngine({ provider: 'webgpu', worker });
const cpu = onnxEngine({ worker });
const report = (name, figures) => console.log(JSON.stringify({ name, ...figures }));
const random = (size, seed) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));
const batchOf = (size, seed) => ({
  images: ndarray(random(size * 784, seed), [size, 28, 28, 1]),
  labels: ndarray(Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed) % 10)),
});

const built = readFileSync(new URL('../../dist/index.js', import.meta.url));
const build = createHash('sha256').update(built).digest('hex').slice(0, 12);
/** A file of what is done already by this build; undefined where nothing is kept. */
function keptFile(name) {
  const folder = process.env.MNIST_TEST_WEBGPU_FOLDER;
  if (!folder) return undefined;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${build}-${name}`);
}

async function conformance(only) {
  const golden = (file) =>
    JSON.parse(readFileSync(new URL(`../../../engine/golden/${file}`, import.meta.url), 'utf8'));
  const engine = onnxEngine({ provider: 'webgpu', worker: false });
  const cases = [
    ...engineConformanceCases(engine),
    ...goldenTrainingCases({ engine, golden: golden('small-training.json'), buildNet: smallGoldenNet }),
  ];
  if (process.env.MNIST_DATA_DIR) {
    cases.push(
      ...goldenTrainingCases({
        engine,
        golden: golden('pytorch-training.json'),
        ...(await readMnistDigits(process.env.MNIST_DATA_DIR, 48)),
        buildNet: () => committeeNet({ widths: [8, 16, 32] }),
        title: 'three steps on MNIST digits',
      }),
    );
  }
  const kept = keptFile('passed.txt');
  const passed = new Set(kept && existsSync(kept) ? readFileSync(kept, 'utf8').split('\n') : []);
  for (const { name, run } of cases.filter(({ name }) => new RegExp(only ?? '').test(name))) {
    const error = passed.has(name)
      ? undefined
      : await run().then(
          () => undefined,
          (cause) => cause.message,
        );
    report(name, { ok: error === undefined, error });
    if (kept && error === undefined && !passed.has(name)) appendFileSync(kept, `${name}\n`);
  }
}

/** The largest difference of two states after one step at learning rate 1, relative to the largest gradient. */
async function gradientDifference(model, batch, batchSize) {
  const options = { batchSize, optimizer: { kind: 'sgd' } };
  const moved = [];
  for (const engine of [cpu, gpu]) {
    const session = await engine.open(model, options);
    const before = await session.state();
    await session.step(batch, { learningRate: 1, momentum: 0, weightDecay: 0 });
    const after = await session.state();
    moved.push(
      after.parameters.map(({ data }, i) => data.map((value, k) => before.parameters[i].data[k] - value)),
    );
    await session.dispose();
  }
  let [worst, scale] = [0, 0];
  for (const [i, tensor] of moved[0].entries()) {
    for (const [k, value] of tensor.entries()) {
      worst = Math.max(worst, Math.abs(value - moved[1][i][k]));
      scale = Math.max(scale, Math.abs(value));
    }
  }
  return worst / scale;
}

async function sizes() {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
      layers.batchNormalization(),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ],
  });
  for (const size of [6, 9, 30, 90, 100, 150]) {
    report(`batch ${size}`, { difference: await gradientDifference(model, batchOf(size, 1), size) });
  }
  report('30 images in a session for 100', {
    difference: await gradientDifference(model, batchOf(30, 2), 100),
  });
}

async function growth(steps) {
  const model = sequential({
    layers: [layers.flatten({ inputShape: [28, 28, 1] }), layers.dense({ units: 10 })],
  });
  const session = await gpu.open(model, { batchSize: 8 });
  const batch = batchOf(8, 3);
  const hyper = { learningRate: 1e-4, momentum: 0.9, weightDecay: 0 };
  const megabytes = [];
  for (let step = 1; step <= steps; step++) {
    await session.step(batch, hyper);
    if (step % (steps / 4) === 0) megabytes.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
  }
  report('growth', { steps, megabytes });
  await session.dispose();
}

/** New digits in each step. */
async function curve(steps, widths, size, rate) {
  const batchSize = Number(size);
  const { images, labels } = await readMnistDigits(process.env.MNIST_DATA_DIR, steps * batchSize);
  const kept = keptFile(`curve-${steps}-${widths}-${size}-${rate}.v8`);
  const losses = await Promise.all(
    [
      [cpu, undefined],
      [gpu, kept],
    ].map(async ([engine, file]) => {
      const session = await engine.open(compactNet({ widths: widths.split(',').map(Number), seed: 1 }), {
        batchSize,
      });
      const row = [];
      if (file && existsSync(file)) {
        const { losses: before, state } = deserialize(readFileSync(file));
        row.push(...before);
        await session.restore(state);
      }
      for (let step = row.length; step < steps; step++) {
        const from = step * batchSize;
        const batch = { images: images.lo(from).hi(batchSize), labels: labels.lo(from).hi(batchSize) };
        const learningRate = Number(rate) * 0.1 ** (step / steps);
        row.push((await session.step(batch, { learningRate, momentum: 0.9, weightDecay: 0 })).loss);
        if (file && row.length % 10 === 0) {
          writeFileSync(`${file}.new`, serialize({ losses: row, state: await session.state() }));
          renameSync(`${file}.new`, file);
        }
      }
      await session.dispose();
      return row;
    }),
  );
  const difference = Math.max(...losses[0].map((loss, i) => Math.abs(loss - losses[1][i])));
  report('curve', { steps, difference, first: losses[0][0], last: losses[0].at(-1) });
}

async function diverge() {
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 5, strides: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ],
  });
  const session = await gpu.open(model, { batchSize: 6, optimizer: { kind: 'sgd' } });
  const steady = { learningRate: 1e-3, momentum: 0, weightDecay: 0 };
  const start = await session.state();
  const losses = [(await session.step(batchOf(6, 4), steady)).loss];
  await session.step(batchOf(6, 4), { ...steady, learningRate: 3e38 });
  for (let i = 0; i < 3; i++) losses.push((await session.step(batchOf(6, 4), steady)).loss);
  await session.restore(start);
  losses.push((await session.step(batchOf(6, 4), steady)).loss);
  report('diverge', { losses: losses.map(String) });
  await session.dispose();
}

await { conformance, sizes, growth, curve, diverge }[what](
  what === 'conformance' ? count : Number(count),
  ...more,
);
