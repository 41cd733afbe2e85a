// Training speed of the ONNX and native engines against every peer found: PyTorch as it comes and at its best (channels_last, fused
// Adam, huge pages; float32 and bf16 autocast), TensorFlow.js backends.
// Usage: pnpm bench train [--net compact|committee|all] [--rounds 3] [--steps 10] [--python PATH] [--tfjs] [--without-onnx]
//   [--json FILE]
// All contestants train the same net on the same batches, each in a process of its own; rounds are interleaved, and
// each figure is the median over all steps of all rounds. With MNIST_DATA_DIR the batches are real digits.
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { nativeSupport } from '@mnist/native';
import { writeBatches } from './_batches.mjs';
import { startContestant } from './_contestant.mjs';
import { findPython } from './_find-python.mjs';
import { formatTable } from './_table.mjs';

const { values: options } = parseArgs({
  options: {
    net: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '10' },
    python: { type: 'string' },
    tfjs: { type: 'boolean', default: false },
    'without-onnx': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const BATCH = 100;
const [rounds, steps] = [Number(options.rounds), Number(options.steps)];
const cores = os.availableParallelism();
const shared = Math.min(2, cores);

const scenarios = [
  { net: 'compact', threads: 1, processes: 1, title: 'compactNet, 1 thread' },
  { net: 'compact', threads: shared, processes: 1, title: `compactNet, ${shared} threads` },
  { net: 'compact', threads: 1, processes: 2, title: 'compactNet, two nets side by side, 1 thread each' },
  { net: 'committee', threads: shared, processes: 1, title: `committeeNet, ${shared} threads` },
].filter(({ net }) => options.net === 'all' || options.net === net);
if (scenarios.length === 0) throw new Error(`--net is '${options.net}'; expected compact, committee or all`);

const python = findPython(options.python);
const batches = writeBatches(BATCH);
const machine = `${os.cpus()[0].model.trim()}, ${cores} cores, ${os.platform()}-${os.arch()}, Node ${process.version}`;
console.log(`${machine}${python ? `, PyTorch ${python.torch}` : ''}`);
console.log(python ? '' : 'No Python with torch found (--python PATH): PyTorch is left out.');
console.log(`batch ${BATCH}, ${batches.source}, ${rounds} interleaved rounds of ${steps} steps\n`);

const native = nativeSupport();
if (!native.available) console.log(`The native engine is left out: ${native.reason}.`);
const torch = (name, layout) => ({
  name: `PyTorch, ${name}`,
  kind: 'python',
  script: '_torch-peer.py',
  args: [layout],
});
const peers = [
  ...(native.paths ?? [])
    .filter(({ available, name }) => available && name !== 'plain')
    .map(({ name, precision }) => ({
      name: `native, ${precision} ${name}`,
      kind: 'node',
      script: '_native-peer.mjs',
      args: [name, precision],
    })),
  ...(options['without-onnx']
    ? []
    : [
        { name: 'onnx, blocked', kind: 'node', script: '_onnx-peer.mjs', args: ['blocked'] },
        { name: 'onnx, portable', kind: 'node', script: '_onnx-peer.mjs', args: ['portable'] },
      ]),
  ...(python
    ? [
        torch('default layout', 'default'),
        torch('best float32', 'channels_last_fused'),
        torch('best bf16', 'channels_last_fused_bf16'),
      ]
    : []),
  ...(options.tfjs
    ? [{ name: 'TensorFlow.js, cpu backend', kind: 'node', script: '_tfjs-peer.mjs', args: ['cpu'] }]
    : []),
  ...(options.tfjs
    ? [{ name: 'TensorFlow.js, tensorflow', kind: 'node', script: '_tfjs-peer.mjs', args: ['tensorflow'] }]
    : []),
];

const report = {
  machine,
  torch: python?.torch,
  batch: BATCH,
  data: batches.source,
  rounds,
  steps,
  scenarios: [],
};
for (const scenario of scenarios)
  report.scenarios.push({ ...scenario, results: await runScenario(scenario) });
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(0);

async function runScenario({ net, threads, processes, title }) {
  const contestants = [];
  for (const peer of peers) {
    const started = await startContestant(peer, { net, threads, processes, batches, python: python?.path });
    if (started.missing) console.log(`${peer.name}: left out (${started.missing})`);
    else contestants.push(started);
  }
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) await contestant.run(steps);
  }
  const results = contestants.map((contestant) => contestant.result());
  for (const contestant of contestants) contestant.stop();
  console.log(`${title}\n${formatTable(results)}\n`);
  return results;
}
