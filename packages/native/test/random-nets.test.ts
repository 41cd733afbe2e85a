import '@tensorflow/tfjs-backend-cpu';
import { randomNetCases } from '@mnist/engine/conformance';
import { describe, test } from 'vitest';
import { nativeEngine } from '../src/index.js';
import { availablePaths } from './support/available-paths.js';

/** A sample here; `MNIST_TEST_NATIVE_NETS=1000` for the whole claim. */
const count = Number(process.env.MNIST_TEST_NATIVE_NETS ?? 150);

for (const path of availablePaths('f32')) {
  describe(`${count} random nets on ${path}`, () => {
    for (const { name, run } of randomNetCases(nativeEngine({ path }), { count })) test(name, run);
  });
}
