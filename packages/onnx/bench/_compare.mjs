import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { nativeSupport } from '@mnist/native';
import { writeBatches } from './_batches.mjs';
import { startContestant } from './_contestant.mjs';
import { findPython } from './_find-python.mjs';
import { formatTable } from './_table.mjs';

const BATCH = 100;

/**
 * The options of a comparison, read from the command line.
 * @param steps of a round, unless `--steps` names another number
 */
export function readOptions(steps) {
  const { values } = parseArgs({
    options: {
      net: { type: 'string', default: 'all' },
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: String(steps) },
      python: { type: 'string' },
      tfjs: { type: 'boolean', default: false },
      'without-onnx': { type: 'boolean', default: false },
      'without-bf16': { type: 'boolean', default: false },
      layers: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  return values;
}

/**
 * Runs every peer found in each scenario, in turns, and prints a table for each.
 * @param mode 'train', or 'inference', where a step is a prediction of all images of the ten batches
 * @param scenarios [{ net, threads, processes, title }]
 */
export async function compare(mode, options, scenarios) {
  const wanted = scenarios.filter(({ net }) => options.net === 'all' || options.net === net);
  if (wanted.length === 0) throw new Error(`--net is '${options.net}'; expected compact, committee or all`);
  const [rounds, steps] = [Number(options.rounds), Number(options.steps)];
  const python = findPython(options.python);
  const batches = writeBatches(BATCH);
  const cores = os.availableParallelism();
  const machine = `${os.cpus()[0].model.trim()}, ${cores} cores, ${os.platform()}-${os.arch()}, Node ${process.version}`;
  console.log(`${machine}${python ? `, PyTorch ${python.torch}` : ''}`);
  if (!python) console.log('No Python with torch found (--python PATH): PyTorch is left out.');
  const step = mode === 'train' ? `batch ${BATCH}` : 'a thousand images a step';
  console.log(`${step}, ${batches.source}, ${rounds} interleaved rounds of ${steps} steps\n`);
  const peers = findPeers(mode, options, python);
  const report = { mode, machine, torch: python?.torch, batch: BATCH, data: batches.source, rounds, steps };
  report.scenarios = [];
  for (const scenario of wanted) {
    const results = await runScenario(peers, scenario, { rounds, steps, batches, python: python?.path });
    report.scenarios.push({ ...scenario, results });
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

function findPeers(mode, options, python) {
  const native = nativeSupport();
  if (!native.available) console.log(`The native engine is left out: ${native.reason}.`);
  const node = (name, script, ...args) => ({ name, kind: 'node', script, args: [mode, ...args] });
  const torch = (name, layout) => ({
    name: `PyTorch, ${name}`,
    kind: 'python',
    script: '_torch-peer.py',
    args: [mode, layout],
  });
  const tfjs = [node('TensorFlow.js, cpu backend', '_tfjs-peer.mjs', 'cpu')];
  tfjs.push(node('TensorFlow.js, tensorflow', '_tfjs-peer.mjs', 'tensorflow'));
  return [
    ...(native.paths ?? [])
      .filter(({ available, name }) => available && name !== 'plain')
      .map(({ name, precision }) =>
        node(`native, ${precision} ${name}`, '_native-peer.mjs', name, precision),
      ),
    ...(options['without-onnx']
      ? []
      : ['blocked', 'portable'].map((lowering) => node(`onnx, ${lowering}`, '_onnx-peer.mjs', lowering))),
    ...(python
      ? [
          torch('default layout', 'default'),
          torch('best float32', 'channels_last_fused'),
          torch('best bf16', 'channels_last_fused_bf16'),
        ]
      : []),
    ...(options.tfjs && mode === 'train' ? tfjs : []),
  ].filter(({ name }) => !(options['without-bf16'] && name.includes('bf16')));
}

async function runScenario(peers, { net, threads, processes, title }, { rounds, steps, batches, python }) {
  const contestants = [];
  for (const peer of peers) {
    const started = await startContestant(peer, { net, threads, processes, batches, python });
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
