import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import {
  engineConformanceCases,
  type GoldenTraining,
  goldenTrainingCases,
  smallGoldenNet,
} from '@mnist/engine/conformance';
import { describe, it } from 'vitest';
import { tfjsEngine } from '../src/index.js';

const engine = tfjsEngine({ backend: 'cpu' });

describe('the tfjs engine on the cpu backend', () => {
  for (const { name, run } of engineConformanceCases(engine)) it(name, run);

  const golden = JSON.parse(
    readFileSync(new URL('../../engine/golden/small-training.json', import.meta.url), 'utf8'),
  ) as GoldenTraining;
  const cases = goldenTrainingCases({
    engine,
    golden,
    buildNet: smallGoldenNet,
    title: 'small golden training',
  });
  for (const { name, run } of cases) it(name, run);
});
