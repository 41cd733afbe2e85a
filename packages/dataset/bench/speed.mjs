// node bench/speed.mjs: how fast digits are drawn, and how fast batches are made of them. Medians of 5 rounds.
import { cpus } from 'node:os';
import { batches, syntheticDigits } from '../dist/index.js';

const count = 20_000;
const digits = syntheticDigits({ count, seed: 1 });
const tasks = {
  'syntheticDigits, images/s': () => syntheticDigits({ count, seed: 2 }),
  'batches of 100, images/s': () => {
    for (const batch of batches(digits, { batchSize: 100, seed: 3 }))
      if (batch.images.data.length === 0) throw batch;
  },
};
const rates = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
for (let round = 0; round < 6; round++) {
  for (const [name, task] of Object.entries(tasks)) {
    const start = performance.now();
    task();
    // The first round warms up.
    if (round > 0) rates[name].push((count / (performance.now() - start)) * 1000);
  }
}
console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, one thread, ${count} images a round`,
);
for (const [name, values] of Object.entries(rates))
  console.log(`${name}: ${Math.round(values.sort((a, b) => a - b)[2])}`);
