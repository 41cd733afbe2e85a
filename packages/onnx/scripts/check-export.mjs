// Exports every net of the zoo and checks the files with Python's onnx and onnxruntime: node scripts/check-export.mjs [--python PATH]
// Skips with a reason where no Python has them.
import '@tensorflow/tfjs-backend-cpu';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { modelZoo } from '@mnist/models';
import { exportOnnx } from '@mnist/onnx';
import * as tf from '@tensorflow/tfjs-core';

const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const probe = spawnSync(values.python, ['-c', 'import numpy, onnx, onnxruntime'], { encoding: 'utf8' });
if (probe.status !== 0) {
  const reason = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
  console.log(`skipped: ${values.python} lacks onnx, onnxruntime or numpy (${reason})`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'onnx-export-'));
const images = Float32Array.from({ length: 3 * 784 }, (_, index) => Math.sin(index * 0.7) * 2);
for (const [name, { build }] of Object.entries(modelZoo)) {
  const model = build({ seed: 5 });
  // Statistics as after a training: neither 0 nor 1.
  for (const [index, variable] of model.nonTrainableWeights.entries()) {
    variable.write(
      tf.tensor(
        Array.from({ length: variable.shape[0] }, (_, i) => 0.5 + ((i + index) % 7) / 10),
        variable.shape,
      ),
    );
  }
  const logits = tf.tidy(() => model.predict(tf.tensor(images, [3, 28, 28, 1])).dataSync());
  writeFileSync(join(folder, `${name}.onnx`), await exportOnnx(model));
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ images: Array.from(images), logits: Array.from(logits) }),
  );
  model.dispose();
}
const checker = fileURLToPath(new URL('check-export.py', import.meta.url));
const { status } = spawnSync(values.python, [checker, folder], { stdio: 'inherit' });
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
