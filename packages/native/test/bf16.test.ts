import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import type { Engine, TrainingSession } from '@mnist/engine';
import { type GoldenTraining, withGoldenWeights } from '@mnist/engine/conformance';
import { committeeNet } from '@mnist/models';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeEngine } from '../src/index.js';
import { availablePaths } from './support/available-paths.js';

// The emulation stands for AMX where the processor has none.
process.env.MNIST_NATIVE_AMX_EMULATION = '1';

/** How far PyTorch's bf16 autocast is from float64 on the batches below; scripts/make-bf16-golden.py writes it. */
interface Bf16Error {
  readonly batches: number;
  readonly batchSize: number;
  /** The largest, relative to the largest logit. */
  readonly evaluationLogits: number;
  /** The largest, relative. */
  readonly losses: number;
  /** Root of the squares of all batches, relative, by PyTorch's name of the tensor; and of all tensors together. */
  readonly gradients: Readonly<Record<string, number>>;
  readonly gradient: number;
}

/** A path may be so many times as far from float32 as PyTorch: in all, and in a tensor, which may have few elements. */
const BAR = 1.1;
const TENSOR_BAR = 1.5;

const read = <T>(file: string) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T;
const golden = read<GoldenTraining & { widths: [number, number, number] }>(
  '../../engine/golden/pytorch-training.json',
);
const torch = read<Bf16Error>('../golden/bf16-error.json');

/** The batches of the script: Numerical Recipes' linear congruential generator. */
function batches(): Parameters<TrainingSession['step']>[0][] {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const size = torch.batchSize;
  return Array.from({ length: torch.batches }, () => {
    const pixels = Float32Array.from({ length: size * 784 }, () => 2 * random() - 1);
    const labels = Uint8Array.from({ length: size }, () => Math.floor(10 * random()));
    return { images: ndarray(pixels, [size, 28, 28, 1]), labels: ndarray(labels) };
  });
}

/** Logits of the first batch, and loss and gradients of each, always from the initial weights. */
async function compute(engine: Engine) {
  const model = committeeNet({ widths: golden.widths });
  const session = await engine.open(model, { batchSize: torch.batchSize, optimizer: { kind: 'sgd' } });
  const initial = withGoldenWeights(await session.state(), golden, golden.initial);
  const results = {
    logits: new Float32Array() as Float32Array,
    losses: [] as number[],
    gradients: [] as Float32Array[][],
  };
  for (const [index, batch] of batches().entries()) {
    await session.restore(initial);
    if (index === 0) results.logits = (await session.predict(batch.images)).data;
    results.losses.push((await session.step(batch, { learningRate: 1, momentum: 0, weightDecay: 0 })).loss);
    const { parameters } = await session.state();
    results.gradients.push(
      parameters.map(({ data }, i) => data.map((value, k) => initial.parameters[i]!.data[k]! - value)),
    );
  }
  await session.dispose();
  model.dispose();
  return results;
}

const paths = availablePaths('bf16');
describe.skipIf(paths.length === 0)('bf16 is as near to float32 as PyTorch with bf16 autocast', () => {
  let exact: Awaited<ReturnType<typeof compute>>;
  beforeAll(async () => {
    exact = await compute(nativeEngine({ precision: 'f32', path: 'plain' }));
  });
  for (const path of paths) {
    test(path, async () => {
      const found = await compute(nativeEngine({ precision: 'bf16', path }));
      const largest = exact.logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const logits = found.logits.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - exact.logits[i]!)),
        0,
      );
      const losses = found.losses.map((loss, i) => Math.abs(loss / exact.losses[i]! - 1));
      const squares = golden.names.map((_, tensor) => {
        const sums = { value: 0, error: 0 };
        for (const [batch, tensors] of exact.gradients.entries()) {
          for (const [k, value] of tensors[tensor]!.entries()) {
            sums.value += value ** 2;
            sums.error += (found.gradients[batch]![tensor]![k]! - value) ** 2;
          }
        }
        return sums;
      });
      const all = squares.reduce((a, b) => ({ value: a.value + b.value, error: a.error + b.error }));
      const relative = ({ value, error }: { value: number; error: number }) => Math.sqrt(error / value);
      const gradients = Object.fromEntries(golden.names.map((name, i) => [name, relative(squares[i]!)]));
      const ratios = Object.entries(gradients).map(([name, error]) => error / torch.gradients[name]!);
      console.log(
        `${path}: gradient off by ${relative(all).toFixed(3)} (PyTorch ${torch.gradient.toFixed(3)}), worst tensor ${Math.max(...ratios).toFixed(2)} times PyTorch's, logits ${(logits / largest).toExponential(1)} (${torch.evaluationLogits.toExponential(1)}), losses ${Math.max(...losses).toExponential(1)} (${torch.losses.toExponential(1)})`,
      );
      expect(relative(all)).toBeLessThan(BAR * torch.gradient);
      for (const ratio of ratios) expect(ratio).toBeLessThan(TENSOR_BAR);
      expect(logits / largest).toBeLessThan(TENSOR_BAR * torch.evaluationLogits);
      expect(Math.max(...losses)).toBeLessThan(TENSOR_BAR * torch.losses);
    });
  }
});
