import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startContestant } from '../../../packages/onnx/bench/_contestant.mjs';

const peer = (layout) => ({
  name: layout,
  kind: 'python',
  script: './_torch-peer.py',
  args: ['train', layout],
});

/** PyTorch on the same nets and batch sizes, on CUDA; TF32 off, as here. Where it has no GPU, that is what is reported. */
export async function benchTorch(python, nets) {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-check-'));
  const results = [];
  try {
    for (const { name, batchSize, steps } of nets) {
      if (name !== 'compact' && name !== 'committee') continue;
      const file = join(folder, 'batches');
      const pixels = Float32Array.from({ length: batchSize * 784 }, (_, i) => Math.sin(i * 12.9898));
      const labels = Uint8Array.from({ length: batchSize }, (_, i) => i % 10);
      writeFileSync(file, Buffer.concat([Buffer.from(pixels.buffer), labels]));
      for (const layout of ['cuda', 'cuda_channels_last']) {
        const contestant = await startContestant(peer(layout), {
          net: name,
          threads: 1,
          processes: 1,
          batches: { file, count: 1, batchSize },
          python: python.path,
        });
        if (contestant.missing) return { version: python.torch, missing: contestant.missing };
        await contestant.run(steps);
        const { millisecondsPerStep } = contestant.result();
        contestant.stop();
        results.push({ name, layout, batchSize, millisecondsPerStep: millisecondsPerStep[0] });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return results.length > 0
    ? { version: python.torch, results }
    : { version: python.torch, missing: 'not asked: only a device in software is here' };
}
