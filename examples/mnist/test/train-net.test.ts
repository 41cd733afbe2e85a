import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticDigits } from '@mnist/dataset';
import { checkpoint, paperSchedule } from '@mnist/train';
import { describe, expect, it, onTestFinished } from 'vitest';
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

it('trainNet: counts the seconds and the steps of before an interruption', async () => {
  const digits = syntheticDigits({ count: 200, seed: 1 });
  const engine = await openEngine('onnx:cpu', 1);
  const directory = await mkdtemp(join(tmpdir(), 'train-net-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const config = { ...presets.quick.member, batchSize: 20, epochs: 1 };
  const train = async (signal?: AbortSignal, stopAt?: { step: number; stop: () => void }) => {
    const model = await buildNet({ name: 'committee', widths: [4, 4, 4] }, 1, 10);
    const stopper = {
      name: 'stopper',
      stepEnd: ({ step }: { step: number }) => {
        if (step === stopAt?.step) stopAt.stop();
      },
    };
    const callbacks = [stopper, checkpoint({ directory, resume: true })];
    const trained = await trainNet(model, digits, { engine, config, seed: 1, callbacks, signal });
    model.dispose();
    return trained;
  };
  const abort = new AbortController();
  const first = await train(abort.signal, { step: 6, stop: () => abort.abort() });
  expect(first).toMatchObject({ reason: 'aborted', steps: 6 });
  const whole = await train();
  expect(whole).toMatchObject({ reason: 'completed', steps: 10, resumedFrom: 6 });
  expect(whole.history.step).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(whole.history.seconds.slice(0, 6)).toEqual(first.history.seconds);
  expect(whole.seconds).toBeGreaterThan(first.seconds);
}, 60_000);
