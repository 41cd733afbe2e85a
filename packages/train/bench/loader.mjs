// What `parallelLoader` gains over images made between the steps: the same training with both, compactNet at batch 100.
//
//   node packages/train/bench/loader.mjs [--engine native|onnx|wait] [--augmentation exact|fused] [--steps 60] [--rounds 5] [--workers 1]
//     [--milliseconds 14]
//
// The engine has one thread. `wait` computes nothing and waits --milliseconds a step, as a host does for a GPU. MNIST from
// MNIST_DATA_DIR, or drawn digits. Rounds are interleaved; medians are compared.
import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { fusedPipeline, parallelLoader, trainingPipeline } from '@mnist/augment';
import { batches, loadDataset, planBatches, syntheticDigits } from '@mnist/dataset';
import { compactNet } from '@mnist/models';
import { Trainer } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'native' },
    augmentation: { type: 'string', default: 'exact' },
    steps: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '5' },
    workers: { type: 'string', default: '1' },
    milliseconds: { type: 'string', default: '14' },
  },
});
const [steps, rounds, workers] = ['steps', 'rounds', 'workers'].map((name) => Number(values[name]));
const transform = { exact: trainingPipeline, fused: fusedPipeline }[values.augmentation]();
const dataDir = process.env.MNIST_DATA_DIR;
const dataset = dataDir
  ? await loadDataset('mnist', { split: 'train', dataDir })
  : syntheticDigits({ count: 6000, seed: 1 });
const plan = { batchSize: 100, batches: steps, seed: 1 };
const sources = {
  'between the steps': () => batches(dataset, { ...plan, transform }),
  parallelLoader: () => parallelLoader(dataset, planBatches(dataset, plan), { transform, workers }),
};
/** Left out: they allocate, and start the loader's threads. */
const warm = 10;

const seconds = Object.fromEntries(Object.keys(sources).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, source] of Object.entries(sources)) seconds[name].push(await secondsPerStep(source()));
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const what = values.engine === 'wait' ? `${values.milliseconds} ms of waiting a step` : values.engine;
console.log(`${cpus()[0].model.trim()}: ${what}, ${values.augmentation} augmentation, ${workers} loader(s)`);
for (const [name, list] of Object.entries(seconds)) {
  console.log(
    `${name}: ${(1000 * median(list)).toFixed(1)} ms a step, ${Math.round(100 / median(list))} images/s`,
  );
}
process.exit(0);

async function secondsPerStep(data) {
  let began;
  await new Trainer({
    model: compactNet({ seed: 1 }),
    engine: await makeEngine(),
    data,
    learningRate: 1e-3,
    callbacks: [
      {
        name: 'clock',
        stepEnd: (run) => {
          if (run.step === warm) began = performance.now();
        },
      },
    ],
  }).train();
  return (performance.now() - began) / 1000 / (steps - warm);
}

async function makeEngine() {
  // By path: the engines stand above this package and cannot be dependencies of it.
  if (values.engine === 'native')
    return (await import('../../native/dist/index.js')).nativeEngine({ threads: 1 });
  const engine = (await import('../../onnx/dist/index.js')).onnxEngine({ threads: 1 });
  if (values.engine === 'onnx') return engine;
  return {
    name: 'wait',
    open: async (model, options) => {
      const session = await engine.open(model, options);
      return Object.assign(session, {
        step: async () => {
          await setTimeout(Number(values.milliseconds));
          return { loss: 0 };
        },
      });
    },
  };
}
