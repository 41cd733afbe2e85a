// Images a second of the pipelines on one core, of the loader with workers, and of Augmentor on Pillow.
//   pnpm bench augment [--python PATH] [--images 2000] [--rounds 7] [--json FILE]
// Competitors take turns in every round; the table shows the median of the rounds and their range.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as augment from '@mnist/augment';
import ndarray from 'ndarray';
import { drawDigit } from '../scripts/_drawn-digits.mjs';
import { startAugmentor } from './_augmentor-peer.mjs';

const { values: options } = parseArgs({
  // `pnpm run bench -- --images 100` hands the `--` on.
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    python: { type: 'string', default: process.env.MNIST_BENCH_PYTHON ?? 'python3' },
    images: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});
const count = Number(options.images);
const rounds = Number(options.rounds);
if (!(count >= 100 && count <= 60000) || !(rounds >= 1)) {
  console.error(
    `--images ${options.images} --rounds ${options.rounds}: expected 100 to 60000 images and at least 1 round.`,
  );
  process.exit(2);
}

const { pixels, source } = loadImages(count);
const dataset = {
  name: source,
  split: 'train',
  images: ndarray(pixels, [count, 28, 28]),
  labels: ndarray(new Uint8Array(count), [count]),
  classNames: [],
  synthetic: true,
  source,
};

const competitors = [
  ['exact (trainingPipeline)', inThisThread(augment.trainingPipeline())],
  ['fused (fusedPipeline)', inThisThread(augment.fusedPipeline())],
  ['elastic + normalize', inThisThread(augment.compose(augment.elastic(), augment.normalize))],
  ['fused, loader, 1 worker', throughLoader(augment.fusedPipeline(), 1)],
  ['fused, loader, 2 workers', throughLoader(augment.fusedPipeline(), 2)],
].map(([name, run]) => ({ name, run, rates: [] }));

const folder = mkdtempSync(join(tmpdir(), 'mnist-augment-bench-'));
const imageFile = join(folder, 'images.bin');
writeFileSync(imageFile, pixels);
const peer = await startAugmentor(options.python, imageFile, count);
if (peer.reason === undefined) {
  const { python, pillow } = peer.versions;
  competitors.push({
    name: `Augmentor (Pillow ${pillow}, Python ${python})`,
    run: async () => count / (await peer.round()),
    rates: [],
  });
} else {
  console.log(
    `Augmentor skipped: ${options.python}: ${peer.reason}. Give --python PATH with Augmentor, numpy and Pillow.\n`,
  );
}

for (const { run } of competitors) await run();
for (let round = 0; round < rounds; round++) {
  for (const competitor of competitors) competitor.rates.push(await competitor.run());
}
await peer.stop?.();
rmSync(folder, { recursive: true });
report();

function loadImages(wanted) {
  const dataDir = process.env.MNIST_DATA_DIR;
  if (dataDir) {
    const file = gunzipSync(readFileSync(join(dataDir, 'train-images-idx3-ubyte.gz')));
    return { pixels: new Uint8Array(file.subarray(16, 16 + wanted * 784)), source: 'MNIST training images' };
  }
  const pixels = new Uint8Array(wanted * 784);
  const digits = Array.from({ length: 10 }, (_, digit) => drawDigit(digit).data);
  for (let i = 0; i < wanted; i++) pixels.set(digits[i % 10], i * 784);
  return { pixels, source: 'drawn digits (MNIST_DATA_DIR is not set)' };
}

/** Runs the transform over all images; resolves to images a second. */
function inThisThread(transform) {
  const image = ndarray(pixels, [28, 28]);
  const out = ndarray(new Float32Array(784), [28, 28]);
  const key = { seed: 1, epoch: 0, index: 0 };
  return async () => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      image.offset = i * 784;
      key.index = i;
      transform(image, out, key);
    }
    key.epoch++;
    return count / ((performance.now() - start) / 1000);
  };
}

/** Ten times the images in batches of 100, timed from the 20th batch on: workers start once for a whole training. */
function throughLoader(transform, workers) {
  const batchesPerEpoch = Math.floor(count / 100);
  const totalBatches = Math.max(10 * batchesPerEpoch, 60);
  const plan = {
    batchSize: 100,
    batchesPerEpoch,
    totalBatches,
    seed: 1,
    *iterate(start = 0) {
      for (let step = start; step < totalBatches; step++) {
        const first = (step % batchesPerEpoch) * 100;
        const indices = Uint32Array.from({ length: 100 }, (_, i) => first + i);
        yield { indices, step, epoch: Math.floor(step / batchesPerEpoch) };
      }
    },
  };
  const loader = augment.parallelLoader(dataset, plan, { transform, workers, queue: 8 });
  return async () => {
    let start = 0;
    for await (const { step } of loader.iterate()) if (step === 19) start = performance.now();
    return ((totalBatches - 20) * 100) / ((performance.now() - start) / 1000);
  };
}

function report() {
  const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const fused = median(competitors[1].rates);
  const augmentor = peer.reason === undefined ? median(competitors.at(-1).rates) : undefined;
  const rows = competitors.map(({ name, rates }) => ({
    name,
    imagesPerSecond: Math.round(median(rates)),
    from: Math.round(Math.min(...rates)),
    to: Math.round(Math.max(...rates)),
    timesAugmentor: augmentor && Number((median(rates) / augmentor).toFixed(1)),
    timesFused: Number((median(rates) / fused).toFixed(2)),
  }));
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}`);
  console.log(`${count} images a round: ${source}. ${rounds} interleaved rounds; images a second.\n`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`${'pipeline'.padEnd(width)}    median   (from - to)          x Augmentor   x fused`);
  for (const { name, imagesPerSecond, from, to, timesAugmentor, timesFused } of rows) {
    const range = `(${from} - ${to})`.padEnd(18);
    console.log(
      `${name.padEnd(width)}  ${String(imagesPerSecond).padStart(8)}   ${range}  ${String(timesAugmentor ?? '-').padStart(11)}  ${String(timesFused).padStart(8)}`,
    );
  }
  const result = JSON.stringify({
    benchmark: 'augment',
    machine,
    images: count,
    source,
    rounds,
    versions: peer.versions,
    rows,
  });
  if (options.json) writeFileSync(options.json, `${result}\n`);
  console.log(`\n${result}`);
}
