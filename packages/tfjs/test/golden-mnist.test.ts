import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { type GoldenTraining, goldenTrainingCases, readMnistDigits } from '@mnist/engine/conformance';
import { committeeNet } from '@mnist/models';
import { describe, it } from 'vitest';
import { tfjsEngine } from '../src/index.js';

const dataDir = process.env.MNIST_DATA_DIR;
if (!dataDir) console.log('skipped: the golden training on MNIST digits needs MNIST_DATA_DIR');

describe.skipIf(!dataDir)('the tfjs engine on MNIST digits (MNIST_DATA_DIR)', async () => {
  if (!dataDir) return;
  const golden = JSON.parse(
    readFileSync(new URL('../../engine/golden/pytorch-training.json', import.meta.url), 'utf8'),
  ) as GoldenTraining;
  const cases = goldenTrainingCases({
    engine: tfjsEngine({ backend: 'cpu' }),
    golden,
    ...(await readMnistDigits(dataDir, 48)),
    buildNet: () => committeeNet({ widths: [8, 16, 32] }),
  });
  for (const { name, run } of cases) it(name, run, 600_000);
});
