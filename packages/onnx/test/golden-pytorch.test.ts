import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import {
  type GoldenTraining,
  goldenTrainingCases,
  readMnistDigits,
  smallGoldenNet,
} from '@mnist/engine/conformance';
import { committeeNet } from '@mnist/models';
import { describe, test } from 'vitest';
import { onnxEngine } from '../src/index.js';

const golden = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../engine/golden/${file}`, import.meta.url), 'utf8')) as GoldenTraining;
const dataDir = process.env.MNIST_DATA_DIR;
if (!dataDir) console.log('skipped: the golden training on MNIST digits needs MNIST_DATA_DIR');

for (const lowering of ['portable', 'blocked', 'matmul'] as const) {
  const engine = onnxEngine({ lowering, worker: false });
  describe(`PyTorch's figures, ${lowering} lowering`, async () => {
    const small = { engine, golden: golden('small-training.json'), buildNet: smallGoldenNet };
    for (const { name, run } of goldenTrainingCases(small)) test(name, run);

    if (!dataDir) return;
    const digits = {
      engine,
      golden: golden('pytorch-training.json'),
      ...(await readMnistDigits(dataDir, 48)),
      buildNet: () => committeeNet({ widths: [8, 16, 32] }),
      title: 'three steps on MNIST digits',
    };
    for (const { name, run } of goldenTrainingCases(digits)) test(name, run);
  });
}
