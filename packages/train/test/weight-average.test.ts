import '@tensorflow/tfjs-backend-cpu';
import type { TrainingState } from '@mnist/engine';
import { describe, expect, it } from 'vitest';
import { type Callback, reestimateStatistics, Trainer, weightAverage } from '../src/index.js';
import { engine, keepStates, train } from './_callback-kit.js';
import { tinyNet, tinySource, weightsOf } from './_tiny.js';

describe('weightAverage', () => {
  it('swa: the plain mean of the states, with batch-norm statistics of the averaged net', async () => {
    const keep = keepStates();
    const model = tinyNet();
    const data = tinySource({ epochs: 4, batchSize: 8 });
    const average = weightAverage({ kind: 'swa', startStep: 10, everySteps: 2 });
    await train([keep, average], { model, data });
    const taken = [10, 12, 14, 16, 18, 20].map((step) => keep.states[step - 1]!);
    const kernel = weightsOf(model)[0]!;
    for (const [k, value] of kernel.entries()) {
      const mean = taken.reduce((sum, state) => sum + state.parameters[0]!.data[k]!, 0) / taken.length;
      expect(value).toBeCloseTo(mean, 6);
    }
    const last = keep.states.at(-1)!;
    const names = model.weights.map(({ originalName }) => originalName);
    const variance = weightsOf(model)[names.indexOf('norm/moving_variance')]!;
    expect(variance).not.toEqual(last.statistics[1]!.data);
  });
  it('ema: follows the recurrence', async () => {
    const keep = keepStates();
    const average = weightAverage({ kind: 'ema', halfLife: 2, everySteps: 1, reestimateBatches: 0 });
    await train([keep, average], { data: tinySource({ epochs: 1 }) });
    const expected = keep.states
      .map(({ parameters }) => Float64Array.from(parameters[0]!.data))
      .reduce((mean, next) => mean.map((value, k) => value + (1 - Math.SQRT1_2) * (next[k]! - value)));
    for (const [k, value] of average.average()![0]!.data.entries())
      expect(value).toBeCloseTo(expected[k]!, 6);
  });
  it('leaves the own weights after an abort', async () => {
    const controller = new AbortController();
    const keep = keepStates();
    const abort: Callback = {
      name: 'abort',
      stepEnd: (run) => {
        if (run.step === 5) controller.abort();
      },
    };
    const model = tinyNet();
    await new Trainer({
      model,
      engine,
      data: tinySource(),
      learningRate: 1e-2,
      callbacks: [keep, abort, weightAverage({ kind: 'swa', everySteps: 1 })],
    }).train({ signal: controller.signal });
    expect(weightsOf(model)[0]).toEqual(keep.states[4]!.parameters[0]!.data);
  });
  it('says when it took nothing', async () => {
    await expect(train([weightAverage({ kind: 'swa', startStep: 50 })])).rejects.toThrow(/startStep is 50/);
  });
});

describe('reestimateStatistics', () => {
  it('finds the mean and the variance of the data, whatever stood there before, and leaves the rest', async () => {
    const data = tinySource({ epochs: 20, batchSize: 32 });
    const session = await engine.open(tinyNet(), { batchSize: 32 });
    const before = await session.state();
    const spoil = (value: number) => ({
      ...before,
      statistics: before.statistics.map((tensor) => ({ ...tensor, data: tensor.data.map(() => value) })),
    });
    const estimates: TrainingState[] = [];
    for (const value of [0.5, 40]) {
      await session.restore(spoil(value));
      await reestimateStatistics(session, data, { batches: 100 });
      estimates.push(await session.state());
    }
    const [a, b] = estimates;
    expect(a!.parameters).toEqual(before.parameters);
    expect(a!.slots).toEqual(before.slots);
    expect(a!.step).toBe(0);
    for (const [i, { data: values }] of a!.statistics.entries()) {
      for (const [k, value] of values.entries()) {
        expect(Math.abs(b!.statistics[i]!.data[k]! - value)).toBeLessThan(0.1);
      }
    }
    await session.dispose();
  });
});
