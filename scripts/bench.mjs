// pnpm bench [name] [options]: runs one benchmark of one package and passes the options on.
import { spawnSync } from 'node:child_process';

const benches = {
  train: [
    '@mnist/onnx',
    'training speed of the native and ONNX engines against every peer found (PyTorch, TensorFlow.js)',
  ],
  inference: [
    '@mnist/onnx',
    'images a second of the native and ONNX engines against PyTorch',
    'bench:inference',
  ],
  augment: ['@mnist/augment', 'images a second of the augmentation pipelines against Augmentor on Pillow'],
  committees: ['@mnist/ensemble', 'a thousand committees of 35 from the probabilities of 250 nets'],
  overhead: ['@mnist/train', 'what Trainer, callbacks and loader cost over the bare engine loop'],
  loader: ['@mnist/train', 'what images made ahead on other threads gain', 'bench:loader'],
};

const [name, ...rest] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  const list = Object.entries(benches).map(([key, [, text]]) => `  ${key.padEnd(11)} ${text}`);
  console.error(
    [...(name ? [`Unknown benchmark '${name}'.`] : []), 'Usage: pnpm bench <name> [options]', ...list].join(
      '\n',
    ),
  );
  process.exit(name ? 2 : 0);
}
const windows = process.platform === 'win32';
const run = (...args) => spawnSync('pnpm', args, { stdio: 'inherit', shell: windows }).status ?? 1;
process.exit(
  run('exec', 'turbo', 'run', 'build', '--output-logs=errors-only') ||
    run('--filter', bench[0], 'run', bench[2] ?? 'bench', ...rest),
);
