// Times 1,000 committees of 35 from 250 nets on 10,000 images, and checks them against the plain rule.
// Usage: node packages/ensemble/bench/committees.mjs (after a build)
import os from 'node:os';
import { accuracy, committeeTrials, softVote } from '@mnist/ensemble';
import ndarray from 'ndarray';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const COUNT = 10_000;
const CLASSES = 10;
const NETS = 250;

/** A population whose nets err on a share `hard` of the images, each in its own way, as trained nets do. */
function drawPopulation(hard, seed) {
  const random = xoroshiro128plus(seed);
  const uniform = () => uniformFloat64(random);
  const labels = Uint8Array.from({ length: COUNT }, () => Math.floor(uniform() * CLASSES));
  const rivals = labels.map((label) => (label + 1 + Math.floor(uniform() * (CLASSES - 1))) % CLASSES);
  const difficulty = Float64Array.from({ length: COUNT }, () => (uniform() < hard ? uniform() * 6 - 1 : -9));
  const probabilities = Array.from({ length: NETS }, () => {
    const data = new Float32Array(COUNT * CLASSES);
    for (let image = 0; image < COUNT; image++) {
      const noise = uniform() + uniform() + uniform() + uniform() - 2;
      const rival = 0.98 / (1 + Math.exp(2 - difficulty[image] - 2 * noise));
      const row = data.subarray(image * CLASSES, (image + 1) * CLASSES).fill(0.02 / CLASSES);
      row[rivals[image]] += rival;
      row[labels[image]] += 0.98 - rival;
    }
    return ndarray(data, [COUNT, CLASSES]);
  });
  return { labels, probabilities };
}

console.log(
  `${os.cpus()[0].model}, one core, Node ${process.version}; 1,000 committees of 35 from ${NETS} nets`,
);
for (const [name, hard] of [
  ['like trained nets (1 % hard images)', 0.01],
  ['weak nets (10 %)', 0.1],
  ['every image hard', 1],
]) {
  const population = drawPopulation(hard, 1);
  const seconds = [];
  let result;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    result = committeeTrials({ ...population, size: 35, trials: 1000, seed: round });
    seconds.push((performance.now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  const checked = result.trials.slice(0, 20);
  for (const { members, correct } of checked) {
    const plain = accuracy(softVote(members.map((i) => population.probabilities[i])), population.labels);
    if (plain.correct !== correct)
      throw new Error(`committee ${members}: ${correct}, plain rule ${plain.correct}`);
  }
  console.log(
    `${name}: median ${seconds[1].toFixed(3)} s of 3; mean accuracy ${(100 * result.mean).toFixed(3)} %; ${checked.length} equal to the plain rule`,
  );
}
