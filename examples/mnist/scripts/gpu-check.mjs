// What every GPU path of this machine is worth: conformance, golden files, training speed beside PyTorch's, memory.
//   npm run gpu-check [-- --out FOLDER --python PATH --software --only PATTERN]
// Writes gpu-check.json and gpu-check.md into FOLDER (default runs/gpu-check). Exit codes: 0 everything passed, 1 something did not,
// 3 there is no GPU path here.
//   --python PATH    a Python with PyTorch; default: python3 or python, where they have it
//   --software       also a Vulkan device in software, for trying this program: its speed says nothing
//   --only PATTERN   the conformance cases that match
// MNIST_DATA_DIR adds the golden training on MNIST. Each part runs in a process of its own: a driver that aborts ends that part only.
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPython } from '../../../packages/onnx/bench/_find-python.mjs';
import { machineFacts } from '../dist/machine/facts.js';
import { gpuHardware } from '../dist/machine/gpus.js';
import { parts, workloads } from './_gpu-parts.mjs';
import { engineOf, gpuPaths } from './_gpu-paths.mjs';
import { toMarkdown } from './_gpu-report.mjs';
import { benchTorch } from './_gpu-torch.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/gpu-check' },
    python: { type: 'string' },
    software: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    // Internal: run one part of one path and print its result.
    path: { type: 'string' },
    part: { type: 'string' },
  },
});
if (values.path !== undefined) {
  const engine = await engineOf(values.path, values.software);
  const result = await parts[values.part](engine, values);
  console.log(`\n${JSON.stringify({ result })}`);
  process.exit(0);
}

const started = Date.now();
// First: a wrong --python must not cost what was measured before.
const python = findPython(values.python);
const { ready, missing } = await gpuPaths(values.software);
const hardware = await gpuHardware();
for (const { name, text } of hardware) console.error(`${name}: ${text}`);
for (const { name, reason, remedy } of missing) {
  console.error(`not ready: ${name}: ${reason}${remedy ? `; ${remedy}` : ''}`);
}
if (ready.length === 0) {
  console.error('no GPU path here');
  process.exit(3);
}

const paths = [];
for (const path of ready) {
  console.error(`${path.name}${path.software ? ' (a device in software)' : ''}: ${path.detail}`);
  const found = {};
  for (const part of Object.keys(parts)) {
    const began = Date.now();
    found[part] = await runPart(path.name, part, path.software);
    const seconds = Math.round((Date.now() - began) / 1000);
    console.error(`  ${part}: ${found[part].error ?? 'done'} (${seconds} s)`);
  }
  paths.push({ ...path, ...found });
}
const report = {
  machine: machineFacts().description,
  hardware: hardware.map(({ name, text }) => `${name}: ${text}`),
  paths,
  missing,
  pytorch: python
    ? await benchTorch(python, workloads(paths.every(({ software }) => software)))
    : { missing: 'no Python with PyTorch was found (--python PATH)' },
  seconds: Math.round((Date.now() - started) / 1000),
};
const folder = resolve(values.out);
mkdirSync(folder, { recursive: true });
write('gpu-check.json', `${JSON.stringify(report, undefined, 2)}\n`);
write('gpu-check.md', toMarkdown(report));
console.log(`report: ${join(folder, 'gpu-check.md')}`);
const bad = paths.some((path) =>
  Object.keys(parts).some((part) => path[part].error || path[part].failed?.length > 0),
);
process.exit(bad ? 1 : 0);

function write(name, text) {
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
}

/** @returns the part's result, or `{ error }` with what its process said last */
function runPart(path, part, software) {
  const args = ['--path', path, '--part', part, '--only', values.only, ...(software ? ['--software'] : [])];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let result;
  const errors = [];
  // TensorFlow writes to the standard output too.
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{"result":')) ({ result } = JSON.parse(line));
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('progress: ')) console.error(`    ${line.slice(10)}`);
    else errors.push(line);
  });
  return new Promise((done) =>
    child.on('close', (code, signal) => {
      const reason = errors.findLast((line) => /error/i.test(line)) ?? errors.at(-1) ?? '';
      done(result ?? { error: `its process ended with ${signal ?? `code ${code}`}: ${reason}` });
    }),
  );
}
