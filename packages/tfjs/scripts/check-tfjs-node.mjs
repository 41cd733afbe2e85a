// Runs the engine conformance suite and the golden PyTorch trainings on TensorFlow's native backend.
//   node scripts/check-tfjs-node.mjs [cpu|gpu|any] [FOLDER]
// FOLDER: where the binding is installed, such as one of build-tfjs-node.sh; default: beside this package. MNIST_DATA_DIR adds
// the golden training on MNIST. Not part of the tests: most machines have no binding. `gpu` fails where TensorFlow computes on
// the processor.
import { readFileSync } from 'node:fs';
import {
  engineConformanceCases,
  goldenTrainingCases,
  readMnistDigits,
  smallGoldenNet,
} from '@mnist/engine/conformance';
import { committeeNet } from '@mnist/models';
import { loadTfjsNode, tfjsEngine } from '@mnist/tfjs';
import * as tf from '@tensorflow/tfjs-core';

const [build = 'any', folder] = process.argv.slice(2);
const name = await loadTfjsNode({ build, ...(folder && { folder }) }).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
const device = tf.backend().isUsingGpuDevice ? 'GPU' : 'processor';
const version = tf.backend().binding.TF_Version;
console.log(
  `${name}, TensorFlow ${version} on the ${device}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
);
if (build === 'gpu' && device !== 'GPU') {
  console.error('TensorFlow found no GPU that it can use.');
  process.exit(1);
}

const engine = tfjsEngine({ backend: 'tensorflow' });
const readGolden = (file) =>
  JSON.parse(readFileSync(new URL(`../../engine/golden/${file}`, import.meta.url), 'utf8'));
const cases = [
  ...engineConformanceCases(engine),
  ...goldenTrainingCases({
    engine,
    golden: readGolden('small-training.json'),
    buildNet: smallGoldenNet,
    title: 'small golden training',
  }),
];
const dataDir = process.env.MNIST_DATA_DIR;
if (dataDir) {
  const golden = readGolden('pytorch-training.json');
  const { images, labels } = await readMnistDigits(dataDir, golden.trainIndices.length);
  const buildNet = () => committeeNet({ widths: golden.widths });
  cases.push(
    ...goldenTrainingCases({ engine, golden, images, labels, buildNet, title: 'golden training on MNIST' }),
  );
} else {
  console.log('MNIST_DATA_DIR is not set: the golden training on MNIST is left out.');
}

let failed = 0;
for (const { name: title, run } of cases) {
  try {
    await run();
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}\n        ${error.message}`);
  }
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
