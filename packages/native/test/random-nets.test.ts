import '@tensorflow/tfjs-backend-cpu';
import { randomNetCases } from '@mnist/engine/conformance';
import { describe, test } from 'vitest';
import { nativeEngine } from '../src/index.js';
import { availablePaths } from './support/available-paths.js';

/** A sample here; `MNIST_TEST_NATIVE_NETS=1000` for the whole claim. */
const count = Number(process.env.MNIST_TEST_NATIVE_NETS ?? 150);

const paths = availablePaths('f32');
// A file without a test would be a failure.
if (paths.length === 0) test.skip('needs the addon');

for (const path of paths) {
  describe(`${count} random nets on ${path}`, () => {
    for (const { name, run } of randomNetCases(nativeEngine({ path }), { count })) test(name, run);
  });
}
