// What the trainer costs: a bare engine loop against Trainer + callbacks + loader, on compactNet at batch 100.
//
//   node packages/train/bench/overhead.mjs [--engine onnx|tfjs:cpu] [--steps 60] [--rounds 5] [--threads 1] [--workers 1] [--json]
//
// Both see the same images: MNIST from MNIST_DATA_DIR, or drawn digits. The bare loop gets them prepared in
// memory; the trainer gets freshly augmented ones from a loader with worker threads, records, watches for NaN, logs and draws
// its progress. Rounds are interleaved; medians are compared. The bar is 3 %.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { fusedPipeline, parallelLoader } from '@mnist/augment';
import { loadDataset, planBatches, syntheticDigits } from '@mnist/dataset';
import { compactNet } from '@mnist/models';
import { tfjsEngine } from '@mnist/tfjs';
import { csvLog, nanGuard, progressBar, recorder, Trainer } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onnx' },
    steps: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [steps, rounds, threads, workers] = ['steps', 'rounds', 'threads', 'workers'].map((name) =>
  Number(values[name]),
);
const batchSize = 100;

const makeEngine = async () => {
  if (values.engine.startsWith('tfjs:')) return tfjsEngine({ backend: values.engine.slice(5) });
  // By path: @mnist/onnx stands above this package and cannot be one of its dependencies.
  const { onnxEngine } = await import('../../onnx/dist/index.js');
  return onnxEngine({ threads });
};
const engine = await makeEngine();
const dataDir = process.env.MNIST_DATA_DIR;
const dataset = dataDir
  ? await loadDataset('mnist', { split: 'train', dataDir })
  : syntheticDigits({ count: 6000, seed: 1 });
const folder = mkdtempSync(join(tmpdir(), 'mnist-train-overhead-'));
const hyper = { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 };
const loaderOf = () =>
  parallelLoader(dataset, planBatches(dataset, { batchSize, batches: steps, seed: 1 }), {
    transform: fusedPipeline(),
    workers,
  });

/** Seconds a step, the first five steps left out: they allocate, and start the loader's threads. */
const warm = 5;

async function bareLoop() {
  const loader = loaderOf();
  const batches = [];
  for await (const { images, labels } of loader.iterate())
    batches.push({ images: copyOf(images), labels: copyOf(labels) });
  await loader.close();
  const session = await engine.open(compactNet({ seed: 1 }), { batchSize });
  let started = 0;
  for (let step = 0; step < steps; step++) {
    if (step === warm) started = performance.now();
    await session.step(batches[step], hyper);
  }
  const seconds = (performance.now() - started) / 1000;
  await session.dispose();
  return seconds / (steps - warm);
}

function copyOf(array) {
  return Object.assign(Object.create(Object.getPrototypeOf(array)), array, { data: array.data.slice() });
}

async function trainer(round) {
  const loader = loaderOf();
  let [started, ended] = [0, 0];
  const clock = {
    name: 'clock',
    stepEnd: (run) => {
      if (run.step === warm) started = performance.now();
      if (run.step === steps) ended = performance.now();
    },
  };
  await new Trainer({
    model: compactNet({ seed: 1 }),
    engine,
    data: loader,
    ...hyper,
    callbacks: [
      recorder(),
      nanGuard({ everySteps: 100 }),
      csvLog({ path: join(folder, `${round}.csv`) }),
      progressBar({ stream: { write: () => true, isTTY: true } }),
      clock,
    ],
  }).train();
  await loader.close();
  return (ended - started) / 1000 / (steps - warm);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const [bare, full] = [[], []];
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? ['bare', 'full'] : ['full', 'bare'];
  for (const which of order) {
    if (which === 'bare') bare.push(await bareLoop());
    else full.push(await trainer(round));
  }
}
rmSync(folder, { recursive: true });

const result = {
  engine: engine.name,
  machine: `${cpus().length} x ${cpus()[0].model}`,
  data: dataset.synthetic ? 'synthetic digits' : 'MNIST',
  steps,
  rounds,
  workers,
  bareMsPerStep: 1000 * median(bare),
  trainerMsPerStep: 1000 * median(full),
  overheadPercent: 100 * (median(full) / median(bare) - 1),
  overheadPercentByRound: full.map((seconds, i) => 100 * (seconds / bare[i] - 1)),
};
if (values.json) console.log(JSON.stringify(result));
else {
  console.log(`${result.engine}, compactNet, batch ${batchSize}, ${result.data}, ${result.machine}`);
  console.log(`bare loop       ${result.bareMsPerStep.toFixed(2)} ms/step (median of ${rounds})`);
  console.log(`trainer + all   ${result.trainerMsPerStep.toFixed(2)} ms/step`);
  console.log(`overhead        ${result.overheadPercent.toFixed(2)} % (bar: 3 %)`);
}
