// Does bf16 train as well as f32? Trains the same compact net from the same seeds on the first 50,000 training images in both
// precisions of the native engine and tests each on the last 10,000.
//   node scripts/compare-precisions.mjs [--seeds 8] [--epochs 3] [--path amx] [--workers 2] [--limit N] [--out precisions.json]
// Needs MNIST (MNIST_DATA_DIR). Each finished net is written to --out at once; a net that is there is not trained again.
import { fork } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import { fusedEvaluationPipeline, fusedPipeline } from '@mnist/augment';
import { batches, loadDataset } from '@mnist/dataset';
import { compactNet } from '@mnist/models';
import { nativeEngine } from '@mnist/native';
import { Trainer } from '@mnist/train';

const HELD_OUT = 10_000;
/** Two-sided 95 % of Student's t with 1 to 15 degrees of freedom. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '8' },
    epochs: { type: 'string', default: '3' },
    workers: { type: 'string', default: '1' },
    path: { type: 'string' },
    limit: { type: 'string' },
    out: { type: 'string', default: 'precisions.json' },
  },
});
const seeds = Number(values.seeds);
if (!(seeds >= 2 && seeds <= STUDENT.length + 1))
  throw new Error(`--seeds is ${values.seeds}; expected 2 to 16`);

if (process.send) {
  process.on('message', async ({ precision, seed }) => process.send(await train(precision, seed)));
} else {
  await compare();
}

/** The part of the data set from `start`, `count` images long. */
function part(data, start, count) {
  return { ...data, images: data.images.lo(start).hi(count), labels: data.labels.lo(start).hi(count) };
}

async function train(precision, seed) {
  const data = await loadDataset('mnist', { split: 'train', download: false });
  const count = data.labels.shape[0] - HELD_OUT;
  const first = part(data, 0, Math.min(count, Number(values.limit ?? count)));
  const source = batches(first, {
    batchSize: 100,
    epochs: Number(values.epochs),
    seed,
    transform: fusedPipeline(),
  });
  const model = compactNet({ seed });
  // A path that has no kernels in f32 is for bf16 alone.
  const path = precision === 'bf16' ? values.path : undefined;
  const engine = nativeEngine({ precision, path });
  const trainer = new Trainer({
    model,
    engine,
    data: source,
    learningRate: (step) => 2e-3 * 0.1 ** (step / source.totalBatches),
  });
  const began = performance.now();
  const { steps } = await trainer.train();
  const seconds = (performance.now() - began) / 1000;
  // Tested in float32, as a net is used.
  const session = await nativeEngine({ precision: 'f32' }).open(model, { batchSize: 100 });
  let correct = 0;
  for (const { images, labels } of batches(part(data, count, HELD_OUT), {
    batchSize: 1000,
    shuffle: false,
    transform: fusedEvaluationPipeline(),
  }).iterate()) {
    const logits = await session.predict(images);
    for (let i = 0; i < labels.shape[0]; i++) {
      const row = logits.data.subarray(i * 10, i * 10 + 10);
      if (row.indexOf(Math.max(...row)) === labels.get(i)) correct++;
    }
  }
  await session.dispose();
  return { precision, seed, accuracy: correct / HELD_OUT, steps, seconds };
}

async function compare() {
  const settings = {
    epochs: Number(values.epochs),
    limit: values.limit ?? null,
    path: values.path ?? 'best',
  };
  const file = values.out;
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { settings, nets: [] };
  if (JSON.stringify(report.settings) !== JSON.stringify(settings))
    throw new Error(
      `${file} holds another comparison: ${JSON.stringify(report.settings)}; name another with --out`,
    );
  const save = () => {
    writeFileSync(`${file}.part`, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(`${file}.part`, file);
  };
  const found = (precision, seed) =>
    report.nets.find((net) => net.precision === precision && net.seed === seed);
  const jobs = [];
  // bf16 first: it needs a processor that has it, the rest can be trained on any.
  for (const precision of ['bf16', 'f32']) {
    for (let seed = 1; seed <= seeds; seed++) if (!found(precision, seed)) jobs.push({ precision, seed });
  }
  await Promise.all(
    Array.from({ length: Math.min(Number(values.workers), jobs.length) }, async () => {
      const worker = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
      for (let job = jobs.shift(); job; job = jobs.shift()) {
        const net = await new Promise((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)));
          worker.send(job);
        });
        worker.removeAllListeners('exit');
        report.nets.push(net);
        save();
        console.log(
          `${net.precision} seed ${net.seed}: ${(100 * net.accuracy).toFixed(2)} % in ${net.seconds.toFixed(0)} s`,
        );
      }
      worker.disconnect();
    }),
  );
  const differences = Array.from(
    { length: seeds },
    (_, i) => 100 * (found('bf16', i + 1).accuracy - found('f32', i + 1).accuracy),
  );
  const mean = differences.reduce((a, b) => a + b) / seeds;
  const deviation = Math.sqrt(differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (seeds - 1));
  const half = (STUDENT[seeds - 2] * deviation) / Math.sqrt(seeds);
  report.difference = { mean, interval: [mean - half, mean + half], seeds };
  save();
  console.log(
    `bf16 - f32 on ${HELD_OUT} held-out images, ${seeds} paired seeds, ${values.epochs} epochs: ${mean.toFixed(3)} points (95 % ${(mean - half).toFixed(3)} to ${(mean + half).toFixed(3)}); ${cpus()[0].model}`,
  );
}
