import { syntheticDigits } from '@mnist/dataset';
import { paperSchedule } from '@mnist/train';
import { describe, expect, it } from 'vitest';
import { presets } from '../src/experiment/presets.js';
import { learningRateOf, trainNet } from '../src/experiment/train-net.js';
import { openEngine } from '../src/machine/engines.js';
import { buildNet } from '../src/nets/build-net.js';

describe('learningRateOf', () => {
  it("gives the paper preset the paper's schedule", () => {
    const schedule = learningRateOf(presets.paper.member, 600);
    for (const step of [0, 1, 2999, 5999, 6000, 6300, 6599]) {
      expect(schedule(step) / paperSchedule(step)).toBeCloseTo(1, 12);
    }
  });

  it('starts the quick preset at a twentieth of its peak and ends at a thousandth', () => {
    const schedule = learningRateOf(presets.quick.member, 600);
    expect(schedule(0)).toBeCloseTo(2e-4, 12);
    // A fifth of 1,800 steps, counted from 0: PyTorch's OneCycleLR peaks at the same step.
    expect(schedule(359)).toBeCloseTo(4e-3, 12);
    expect(schedule(1799)).toBeLessThan(5e-6);
  });
});

it('trainNet: threads that prepare the images change nothing but the time', async () => {
  const digits = syntheticDigits({ count: 200, seed: 1 });
  const engine = await openEngine('onnx:cpu', 1);
  const trained = [];
  for (const loaders of [0, 1, 2]) {
    const model = await buildNet({ name: 'committee', widths: [4, 4, 4] }, 1, 10);
    const config = { ...presets.quick.member, batchSize: 20, epochs: 1, augmentation: 'exact' as const };
    const summary = await trainNet(model, digits, { engine, config, seed: 1, loaders });
    expect(summary).toMatchObject({ reason: 'completed', steps: 10 });
    trained.push(model.getWeights().map((weight) => [...weight.dataSync()]));
    model.dispose();
  }
  expect(trained[1]).toEqual(trained[0]);
  expect(trained[2]).toEqual(trained[0]);
}, 60_000);
