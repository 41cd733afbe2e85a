import '@tensorflow/tfjs-backend-cpu';
import { engineConformanceCases } from '@mnist/engine/conformance';
import { describe, test } from 'vitest';
import { onnxEngine } from '../src/index.js';

for (const lowering of ['portable', 'blocked'] as const) {
  describe(`the engine contract, ${lowering} lowering`, () => {
    const engine = onnxEngine({ lowering, worker: false });
    for (const { name, run } of engineConformanceCases(engine)) test(name, run);
  });
}

// It is the portable one but for kernel gradients.
describe('the engine contract, gradients in the matmul lowering', () => {
  const engine = onnxEngine({ lowering: 'matmul', worker: false });
  for (const { name, run } of engineConformanceCases(engine))
    if (/gradient|three steps/.test(name)) test(name, run);
});

// What depends on how many steps a call takes; the arithmetic is that of the portable lowering above.
describe('the engine contract, several steps in a call', () => {
  const engine = onnxEngine({ stepsPerCall: 4, worker: false });
  const own = /^(group|restore|state|seed|step: fewer)/;
  for (const { name, run } of engineConformanceCases(engine)) if (own.test(name)) test(name, run);
});
