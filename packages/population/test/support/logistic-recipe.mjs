// A recipe that really trains (softmax regression on three seeded blobs), in milliseconds, with exact checkpoints.
// config: { steps, stepDelayMs, checkpointEvery, classes? }. Misbehaviour for tests: { misbehave: { index, how, times } }.
// JOURNAL in the environment names a file that gets one line for each beginning and end of a training.
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POINTS = 90;
const CLASSES = 3;
const FEATURES = 3;

/** Stateless: number in 0..1 of (seed, position). */
function draw(seed, position) {
  let h = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(position + 1, 0xc2b2ae35)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

const labels = Uint8Array.from({ length: POINTS }, (_, i) => i % CLASSES);
const points = Array.from({ length: POINTS }, (_, i) => [
  1,
  Math.cos((labels[i] * 2 * Math.PI) / CLASSES) + draw(1, 2 * i) - 0.5,
  Math.sin((labels[i] * 2 * Math.PI) / CLASSES) + draw(1, 2 * i + 1) - 0.5,
]);

function softmax(weights, point) {
  const logits = Array.from({ length: CLASSES }, (_, k) =>
    point.reduce((sum, x, f) => sum + x * weights[f * CLASSES + k], 0),
  );
  const top = Math.max(...logits);
  const parts = logits.map((z) => Math.exp(z - top));
  const sum = parts.reduce((a, b) => a + b);
  return parts.map((p) => p / sum);
}

function journal(entry) {
  if (process.env.JOURNAL)
    appendFileSync(process.env.JOURNAL, `${JSON.stringify({ ...entry, pid: process.pid })}\n`);
}

function timesBegun(index) {
  const lines = process.env.JOURNAL
    ? readFileSync(process.env.JOURNAL, 'utf8').split('\n').filter(Boolean)
    : [];
  return lines.map((line) => JSON.parse(line)).filter((e) => e.event === 'begin' && e.index === index).length;
}

export const recipe = {
  name: 'logistic',
  version: '1',
  async train({ index, seed, config, workFolder, outputFolder, signal, report, log, checkpointed }) {
    const { steps = 100, stepDelayMs = 0, checkpointEvery = 10, misbehave } = config ?? {};
    const file = join(workFolder, 'checkpoint.json');
    let state = {
      step: 0,
      weights: Array.from({ length: FEATURES * CLASSES }, (_, i) => draw(seed, i) - 0.5),
      losses: [],
    };
    if (existsSync(file)) state = JSON.parse(readFileSync(file, 'utf8'));
    journal({ event: 'begin', index, step: state.step, work: readdirSync(workFolder) });
    log(`net ${index} begins at step ${state.step}`);
    const save = async () => {
      await writeFile(`${file}.tmp`, JSON.stringify(state));
      await rename(`${file}.tmp`, file);
      await checkpointed();
    };
    const bad =
      misbehave?.index === index && timesBegun(index) <= (misbehave.times ?? Infinity) ? misbehave.how : '';
    while (state.step < steps) {
      if (signal.aborted && bad !== 'deaf') {
        await save();
        throw signal.reason;
      }
      if (state.step === steps >> 1) {
        if (bad === 'throw') throw new Error('the loss is NaN at half time');
        if (bad === 'crash') {
          console.error('native library says: segmentation fault');
          process.kill(process.pid, 'SIGKILL');
        }
        if (bad === 'exit') process.exit(7);
      }
      if (stepDelayMs > 0) await sleep(stepDelayMs);
      const at = Math.floor(draw(seed, 1000 + state.step) * POINTS);
      const p = softmax(state.weights, points[at]);
      for (let f = 0; f < FEATURES; f += 1) {
        for (let k = 0; k < CLASSES; k += 1) {
          state.weights[f * CLASSES + k] -= 0.1 * (p[k] - (k === labels[at] ? 1 : 0)) * points[at][f];
        }
      }
      const loss = -Math.log(p[labels[at]]);
      state.losses.push(loss);
      state.step += 1;
      report({ step: state.step, totalSteps: steps, loss });
      if (state.step % checkpointEvery === 0 && state.step < steps) await save();
    }
    const data = Float32Array.from(points.flatMap((point) => softmax(state.weights, point)));
    if (bad === 'nan') data[4] = Number.NaN;
    const right = points.filter((_, i) => {
      const row = [...data.subarray(i * CLASSES, (i + 1) * CLASSES)];
      return row.indexOf(Math.max(...row)) === labels[i];
    }).length;
    await mkdir(join(outputFolder, 'weights'));
    await writeFile(
      join(outputFolder, 'weights', 'weights.bin'),
      Buffer.from(Float64Array.from(state.weights).buffer),
    );
    await writeFile(
      join(outputFolder, 'model.json'),
      JSON.stringify({ kind: 'softmax regression', FEATURES, CLASSES }),
    );
    journal({ event: 'end', index, step: state.step });
    return {
      metrics: { accuracy: right / POINTS, finalLoss: state.losses.at(-1) },
      probabilities: { data, shape: [POINTS, CLASSES], labels },
      history: { loss: state.losses },
      environment: { engine: 'plain JavaScript' },
    };
  },
};
