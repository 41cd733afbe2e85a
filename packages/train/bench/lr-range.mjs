// Does lrFind's suggestion lie where training works? Sweeps compactNet at batch 100, then trains short runs at rates around it.
//
//   MNIST_DATA_DIR=... node packages/train/bench/lr-range.mjs [--engine onnx|tfjs:cpu] [--steps 200] [--threads 2] [--plot sweep.png]
//
// Each short run starts from the same weights, sees the same batches at a constant rate, and is measured on 2,000 held-out
// training images. Without MNIST_DATA_DIR the digits are drawn ones, and the table says so.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { fusedEvaluationPipeline, fusedPipeline } from '@mnist/augment';
import { batches, loadDataset, splitHeldOut, subset, syntheticDigits } from '@mnist/dataset';
import { compactNet } from '@mnist/models';
import { tfjsEngine } from '@mnist/tfjs';
import { lrFind, Trainer, validation } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'onnx' },
    steps: { type: 'string', default: '200' },
    threads: { type: 'string', default: '2' },
    plot: { type: 'string' },
  },
});
const makeEngine = async () => {
  if (values.engine.startsWith('tfjs:')) return tfjsEngine({ backend: values.engine.slice(5) });
  // By path: @mnist/onnx stands above this package and cannot be one of its dependencies.
  const { onnxEngine } = await import('../../onnx/dist/index.js');
  return onnxEngine({ threads: Number(values.threads) });
};
const engine = await makeEngine();
const dataDir = process.env.MNIST_DATA_DIR;
const all = dataDir
  ? await loadDataset('mnist', { split: 'train', dataDir })
  : syntheticDigits({ count: 12_000, seed: 1 });
const { train, heldOut } = splitHeldOut(all, { heldOut: 2000, seed: 1 });
const steps = Number(values.steps);
const batchesOf = (count, seed) =>
  batches(train, { batchSize: 100, batches: count, seed, transform: fusedPipeline() });
const [held] = batches(subset(heldOut, { start: 0, end: 2000 }), {
  batchSize: 2000,
  shuffle: false,
  transform: fusedEvaluationPipeline(),
});

console.log(`${engine.name}, compactNet, batch 100, ${all.synthetic ? 'synthetic digits' : 'MNIST'}`);
const sweep = await lrFind({ model: compactNet({ seed: 1 }), engine, data: batchesOf(500, 1) });
const { points, suggestions, stoppedEarly } = sweep;
console.log(
  `swept ${points.length} steps to ${points.at(-1).learningRate.toExponential(2)}, stopped early: ${stoppedEarly}`,
);
for (const [name, rate] of Object.entries(suggestions))
  console.log(`${name.padEnd(12)} ${rate?.toExponential(2)}`);

if (values.plot) {
  const { lrFindPlot } = await import('../../viz/dist/index.js');
  const column = (name) => points.map((point) => point[name]);
  const known = Object.entries(suggestions).filter(([, rate]) => rate !== undefined);
  const figure = lrFindPlot({
    learningRate: column('learningRate'),
    loss: column('loss'),
    smoothedLoss: column('smoothedLoss'),
    suggestions: Object.fromEntries(known),
  });
  writeFileSync(values.plot, await (values.plot.endsWith('.svg') ? figure.toSvg() : figure.toPng()));
}

const rates = new Map([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1].map((rate) => [rate, '']));
for (const [name, rate] of Object.entries(suggestions)) if (rate !== undefined) rates.set(rate, name);
for (const [learningRate, name] of [...rates].sort(([a], [b]) => a - b)) {
  const { metrics } = await new Trainer({
    model: compactNet({ seed: 1 }),
    engine,
    data: batchesOf(steps, 2),
    learningRate,
    callbacks: [validation({ images: held.images, labels: held.labels, everyEpochs: 1000, atEnd: true })],
  }).train();
  const accuracy = (100 * metrics.validationAccuracy).toFixed(2).padStart(6);
  console.log(`${learningRate.toExponential(2)}  ${accuracy} % of 2,000 after ${steps} steps  ${name}`);
}
