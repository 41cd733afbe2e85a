// Training speed of the ONNX and native engines against every peer found: PyTorch as it comes and at its best (channels_last, fused
// Adam, huge pages; float32 and bf16 autocast), TensorFlow.js backends.
// Usage: pnpm bench train [--net compact|committee|all] [--rounds 3] [--steps 10] [--python PATH] [--tfjs] [--without-onnx]
//   [--without-bf16] [--layers] [--json FILE]
// All contestants train the same net on the same batches, each in a process of its own; rounds are interleaved, and
// each figure is the median over all steps of all rounds, a first one of each round aside, which is not timed. With MNIST_DATA_DIR
// the batches are real digits. --layers prints instead where the native engine's time goes, layer by layer; there `--net quick`
// (16/32/64 channels) is known too.
import os from 'node:os';
import { compare, readOptions } from './_compare.mjs';
import { printLayers } from './_layers.mjs';

const options = readOptions(10);
const shared = Math.min(2, os.availableParallelism());
if (options.layers) {
  printLayers(options);
} else {
  await compare('train', options, [
    { net: 'compact', threads: 1, processes: 1, title: 'compactNet, 1 thread' },
    { net: 'compact', threads: shared, processes: 1, title: `compactNet, ${shared} threads` },
    { net: 'compact', threads: 1, processes: 2, title: 'compactNet, two nets side by side, 1 thread each' },
    { net: 'committee', threads: 1, processes: 1, title: 'committeeNet, 1 thread' },
    {
      net: 'committee',
      threads: 1,
      processes: 2,
      title: 'committeeNet, two nets side by side, 1 thread each',
    },
  ]);
}
process.exit(process.exitCode ?? 0);
