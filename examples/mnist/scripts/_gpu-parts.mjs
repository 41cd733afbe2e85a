import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { timeSteps } from '@mnist/engine';
import {
  engineConformanceCases,
  goldenTrainingCases,
  readMnistDigits,
  smallGoldenNet,
} from '@mnist/engine/conformance';
import { committeeNet } from '@mnist/models';
import ndarray from 'ndarray';

const hyper = { learningRate: 4e-4, momentum: 0.9, weightDecay: 0 };
const golden = (file) =>
  JSON.parse(readFileSync(new URL(`../../../packages/engine/golden/${file}`, import.meta.url), 'utf8'));

/** The nets that are timed. What computes in software gets one that it can train. */
export function workloads(software) {
  if (software)
    return [{ name: 'net of 4/4/8 channels', widths: [4, 4, 8], batchSize: 8, steps: 3, memorySteps: 12 }];
  return [
    { name: 'compact', widths: [32, 64, 128], batchSize: 100, steps: 150, memorySteps: 200 },
    { name: 'committee', widths: [128, 256, 512], batchSize: 100, steps: 150, memorySteps: 200 },
  ];
}

/** Each takes an engine and the options, and gives what the report says of it. */
export const parts = { conformance, training, memory };

async function conformance(engine, { only }) {
  const cases = [
    ...engineConformanceCases(engine),
    ...goldenTrainingCases({ engine, golden: golden('small-training.json'), buildNet: smallGoldenNet }),
  ];
  const data = process.env.MNIST_DATA_DIR;
  if (data) {
    const file = golden('pytorch-training.json');
    cases.push(
      ...goldenTrainingCases({
        engine,
        golden: file,
        ...(await readMnistDigits(data, file.trainIndices.length)),
        buildNet: () => committeeNet({ widths: file.widths }),
        title: 'golden training on MNIST',
      }),
    );
  }
  const chosen = cases.filter(({ name }) => new RegExp(only).test(name));
  const failed = [];
  for (const [i, { name, run }] of chosen.entries()) {
    await run().catch((error) => failed.push({ name, reason: error.message }));
    if ((i + 1) % 10 === 0) console.error(`progress: ${i + 1} of ${chosen.length} cases`);
  }
  return { passed: chosen.length - failed.length, failed, goldenMnist: Boolean(data), all: cases.length };
}

async function training(engine, { software }) {
  const nets = [];
  for (const workload of workloads(software)) {
    const { session, step, perCall } = await open(engine, workload);
    const calls = Math.ceil(workload.steps / perCall);
    const millisecondsPerStep = 1000 * (await timeSteps(session, step, { calls }));
    await session.dispose();
    nets.push({ name: workload.name, batchSize: workload.batchSize, perCall, millisecondsPerStep });
  }
  return { nets };
}

/** Memory of the process, and of the device where nvidia-smi tells it, after a quarter of the steps and at the end. */
async function memory(engine, { software }) {
  const nets = [];
  for (const workload of workloads(software)) {
    const { session, take, perCall } = await open(engine, workload);
    const quarter = workload.memorySteps / 4;
    const seen = [];
    for (let i = perCall; i <= workload.memorySteps; i += perCall) {
      await take();
      if (i === quarter || i === workload.memorySteps) seen.push(usedMegabytes());
    }
    await session.dispose();
    const [early, late] = seen;
    nets.push({ name: workload.name, steps: workload.memorySteps, early, late });
  }
  // Caches of allocators settle; a leak of one vector a step would be far above.
  const failed = nets
    .filter(({ early, late }) => late.process - early.process > 100 || late.device - early.device > 100)
    .map(({ name }) => ({ name, reason: 'its memory grew by more than 100 MB' }));
  return { nets, failed };
}

function usedMegabytes() {
  const device = () => {
    const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
    const lines = execFileSync('nvidia-smi', query, { encoding: 'utf8', stdio: 'pipe' }).split('\n');
    const own = lines.map((line) => line.split(', ')).find(([pid]) => Number(pid) === process.pid);
    return own && Number(own[1]);
  };
  let used;
  try {
    used = device();
  } catch {
    // No NVIDIA driver: other vendors have no such command that every machine has.
  }
  return { process: Math.round(process.memoryUsage.rss() / 2 ** 20), device: used };
}

/** `take` is a call as the Trainer makes it: a group of steps where the engine offers groups. */
async function open(engine, { widths, batchSize }) {
  const session = await engine.open(committeeNet({ widths, seed: 1 }), { batchSize });
  const images = ndarray(
    Float32Array.from({ length: batchSize * 784 }, (_, i) => Math.sin(i * 12.9898)),
    [batchSize, 28, 28, 1],
  );
  const labels = ndarray(Uint8Array.from({ length: batchSize }, (_, i) => i % 10));
  const { group } = session;
  const perCall = group?.size ?? 1;
  const step = { batch: { images, labels }, hyper };
  return {
    session,
    step,
    perCall,
    take: () =>
      group
        ? group.steps(Array.from({ length: perCall }, () => step))
        : session.step({ images, labels }, hyper),
  };
}
