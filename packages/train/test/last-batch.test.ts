import '@tensorflow/tfjs-backend-cpu';
import { batches, syntheticDigits } from '@mnist/dataset';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { Trainer } from '../src/index.js';
import { engine } from './_callback-kit.js';
import { weightsOf } from './_tiny.js';

describe('an incomplete last batch', () => {
  it('is trained on, in each epoch, as a bare loop does', async () => {
    const dataset = syntheticDigits({ count: 23, seed: 1 });
    const data = batches(dataset, { batchSize: 10, epochs: 2, seed: 1, dropLast: false });
    expect(data.totalBatches).toBe(6);
    const makeNet = () =>
      sequential({
        layers: [
          layers.flatten({ inputShape: [28, 28, 1] }),
          layers.dense({ units: 10, kernelInitializer: 'zeros' }),
        ],
      });
    const [trained, bare] = [makeNet(), makeNet()];
    const sizes: number[] = [];
    const summary = await new Trainer({
      model: trained,
      engine,
      data,
      learningRate: 1e-2,
      callbacks: [
        { name: 'sizes', stepEnd: (_run, { lastInEpoch }) => void sizes.push(Number(lastInEpoch)) },
      ],
    }).train();
    expect(summary).toMatchObject({ reason: 'completed', steps: 6 });
    expect(sizes).toEqual([0, 0, 1, 0, 0, 1]);
    const session = await engine.open(bare, { batchSize: 10 });
    const counts: number[] = [];
    for (const batch of data) {
      counts.push(batch.labels.size);
      await session.step(batch, { learningRate: 1e-2, momentum: 0.9, weightDecay: 0 });
    }
    await session.writeBack();
    await session.dispose();
    expect(counts).toEqual([10, 10, 3, 10, 10, 3]);
    expect(weightsOf(trained)).toEqual(weightsOf(bare));
  });

  describe('of one image', () => {
    const dataset = syntheticDigits({ count: 21, seed: 1 });
    const data = batches(dataset, { batchSize: 10, epochs: 2, seed: 1, dropLast: false });
    const normalised = (overPositions: boolean) =>
      sequential({
        layers: [
          layers.averagePooling2d({ inputShape: [28, 28, 1], poolSize: 7 }),
          ...(overPositions ? [layers.batchNormalization({ name: 'norm' }), layers.flatten()] : []),
          ...(overPositions ? [] : [layers.flatten(), layers.batchNormalization({ name: 'norm' })]),
          layers.dense({ units: 10, kernelInitializer: 'zeros' }),
        ],
      });

    it('is enough for a batch normalisation over its positions', async () => {
      const model = normalised(true);
      const summary = await new Trainer({ model, engine, data, learningRate: 1e-2 }).train();
      expect(summary).toMatchObject({ reason: 'completed', steps: 6 });
      for (const values of weightsOf(model)) expect(values.every(Number.isFinite)).toBe(true);
    });

    it('is too little for one over the batch alone: a typed error with the remedy, and what was learnt stays', async () => {
      const model = normalised(false);
      const [start, steps] = [weightsOf(model), [] as number[]];
      const training = new Trainer({
        model,
        engine,
        data,
        learningRate: 1e-2,
        callbacks: [{ name: 'count', stepEnd: (run) => void steps.push(run.step) }],
      }).train();
      await expect(training).rejects.toMatchObject({
        code: 'INVALID_BATCH',
        kind: 'input',
        message: expect.stringMatching(
          /'norm' sees 1 value a channel in a batch of 1.*drop the incomplete last one/,
        ),
      });
      expect(steps).toEqual([1, 2]);
      expect(weightsOf(model)).not.toEqual(start);
    });
  });
});
