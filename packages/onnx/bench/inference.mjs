// Inference speed of the native and ONNX engines against PyTorch, in images a second.
// Usage: pnpm bench inference [--net compact|committee|all] [--rounds 3] [--steps 3] [--python PATH] [--without-onnx]
//   [--without-bf16] [--json FILE]
// All contestants predict the same thousand images a step (PyTorch in batches of a hundred), each in a process of its own;
// rounds are interleaved, and each figure is the median over all steps of all rounds.
import { compare, readOptions } from './_compare.mjs';

await compare('inference', readOptions(3), [
  { net: 'compact', threads: 1, processes: 1, title: 'compactNet, 1 thread: images a second of a core' },
  { net: 'committee', threads: 1, processes: 1, title: 'committeeNet, 1 thread: images a second of a core' },
]);
process.exit(0);
