import '@tensorflow/tfjs-backend-cpu';
import type { Batch, BatchSource } from '@mnist/dataset';
import { layers, sequential } from '@tensorflow/tfjs-layers';
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
  /** Batch normalisation on the images themselves: its exact statistics need no net. */
  const normNet = (momentum: number) =>
    sequential({
      layers: [
        layers.batchNormalization({ inputShape: [4, 4, 1], name: 'norm', momentum }),
        layers.flatten(),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 3, name: 'dense' }),
      ],
    });
  /** As PyTorch's update_bn: the mean over the batches of their means and of their unbiased variances. */
  function exactly(data: BatchSource): { mean: number; variance: number } {
    let [mean, variance, count] = [0, 0, 0];
    for (const { images } of data.iterate() as Iterable<Batch>) {
      const values = Float64Array.from(images.data);
      const own = values.reduce((sum, value) => sum + value, 0) / values.length;
      mean += own;
      variance += values.reduce((sum, value) => sum + (value - own) ** 2, 0) / (values.length - 1);
      count++;
    }
    return { mean: mean / count, variance: variance / count };
  }
  /** Shifted and scaled, so that the exact values are far from 0 and 1. */
  function large(source: BatchSource): BatchSource {
    return {
      ...source,
      *iterate(start = 0) {
        for (const batch of source.iterate(start) as Iterable<Batch>) {
          for (let i = 0; i < batch.images.data.length; i++) {
            batch.images.data[i] = 92 + 5 * batch.images.data[i]! + batch.step / 10;
          }
          yield batch;
        }
      },
    };
  }

  it.each([0.9, 0.99, 0.999])(
    'equals the exact statistics at momentum %s, whatever stood there, and leaves the rest',
    async (momentum) => {
      const data = large(tinySource({ epochs: 20, batchSize: 8 }));
      const exact = exactly(data);
      const session = await engine.open(normNet(momentum), { batchSize: 8 });
      const before = await session.state();
      for (const stale of [0.5, 1000]) {
        await session.restore({
          ...before,
          statistics: before.statistics.map((tensor) => ({ ...tensor, data: tensor.data.map(() => stale) })),
        });
        await reestimateStatistics(session, data, { batches: 100 });
        const { statistics, ...rest } = await session.state();
        expect(statistics[0]!.data[0]! / exact.mean).toBeCloseTo(1, 4);
        expect(statistics[1]!.data[0]! / exact.variance).toBeCloseTo(1, 3);
        expect(rest).toEqual({ step: 0, parameters: before.parameters, slots: before.slots });
      }
      await session.dispose();
    },
  );

  it('gives an averaged net the statistics of its own activations (deotteNet has momentum 0.99)', async () => {
    const model = normNet(0.99);
    const data = large(tinySource({ epochs: 20, batchSize: 8 }));
    await train([weightAverage({ kind: 'swa' })], { model, data, learningRate: 1e-3 });
    const [mean, variance] = model.nonTrainableWeights.map((weight) => weight.read().dataSync()[0]!);
    const exact = exactly(data);
    expect(mean! / exact.mean).toBeCloseTo(1, 4);
    expect(variance! / exact.variance).toBeCloseTo(1, 3);
  });
});
