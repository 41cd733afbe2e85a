import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { tfjsEngine } from '@mnist/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { lrFind, suggestLearningRates } from '../src/index.js';
import { findValley } from '../src/suggest-learning-rates.js';
import { stateBytes, tinyBatch, tinyNet, tinySource, weightsOf } from './_tiny.js';

const valleyGolden: { cases: { losses: number[]; index: number }[] } = JSON.parse(
  readFileSync(new URL('golden/valley.json', import.meta.url), 'utf8'),
);
const engine = tfjsEngine({ backend: 'cpu' });
const hyper = { learningRate: 1e-2, momentum: 0.9, weightDecay: 0 };

describe('lrFind', () => {
  it('leaves an open session byte-identical, and its future too (dropout included)', async () => {
    const data = tinySource({ epochs: 4 });
    const train = async (sweepBetween: boolean) => {
      const session = await engine.open(tinyNet(), { batchSize: 4, seed: 3 });
      for (let step = 0; step < 3; step++) await session.step(tinyBatch(4, step), hyper);
      const before = stateBytes(await session.state());
      if (sweepBetween) {
        await lrFind({ session, data, steps: 30 });
        expect(stateBytes(await session.state())).toEqual(before);
      }
      for (let step = 3; step < 6; step++) await session.step(tinyBatch(4, step), hyper);
      const after = stateBytes(await session.state());
      await session.dispose();
      return after;
    };
    expect(await train(true)).toEqual(await train(false));
  });

  it('restores the session when a batch fails on the way', async () => {
    const session = await engine.open(tinyNet(), { batchSize: 4 });
    const before = stateBytes(await session.state());
    const data = tinySource();
    const broken = {
      ...data,
      *iterate() {
        yield tinyBatch(4, 1);
        throw new Error('no more disk');
      },
    };
    await expect(lrFind({ session, data: broken, steps: 30 })).rejects.toThrow('no more disk');
    expect(stateBytes(await session.state())).toEqual(before);
    await session.dispose();
  });

  it('never touches the model, and leaks nothing, when it opens its own session', async () => {
    const model = tinyNet();
    const before = weightsOf(model);
    const tensors = tf.memory().numTensors;
    await lrFind({ model, engine, data: tinySource(), steps: 20 });
    expect(weightsOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('sweeps seven decades in 500 steps over the data again and again, and stops early', async () => {
    const { points, stoppedEarly, suggestions } = await lrFind({
      model: tinyNet(2),
      engine,
      data: tinySource({ batchSize: 16, seed: 2 }),
    });
    expect(points[0]!.learningRate).toBe(1e-6);
    expect(points[1]!.learningRate / points[0]!.learningRate).toBeCloseTo(10 ** (7 / 500), 10);
    expect(points.map(({ step }) => step)).toEqual(points.map((_, i) => i));
    expect(stoppedEarly).toBe(true);
    expect(points.length).toBeLessThan(500);
    const { loss } = points.at(-1)!;
    const best = Math.min(...points.map((point) => point.loss));
    expect(loss > 4 * best && loss > 2).toBe(true);
    for (const rate of Object.values(suggestions)) {
      expect(rate).toBeGreaterThan(1e-5);
      expect(rate).toBeLessThan(1);
    }
  });

  it('ends for a signal and gives what it has', async () => {
    const controller = new AbortController();
    const { points } = await lrFind({
      model: tinyNet(),
      engine,
      data: tinySource(),
      signal: controller.signal,
      onStep: ({ step }) => step === 4 && controller.abort(),
    });
    expect(points.length).toBe(5);
  });

  it('refuses unknown options and impossible sweeps', async () => {
    const rest = { model: tinyNet(), engine, data: tinySource() };
    await expect(lrFind({ ...rest, decade: 3 } as never)).rejects.toThrow(/unknown option "decade"/);
    await expect(lrFind({ ...rest, steps: 1 })).rejects.toThrow(/steps is 1/);
    await expect(lrFind({ data: tinySource() } as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('suggestions on a curve of known shape', () => {
  // Flat at 2.3, falling steepest at 1e-3, lowest at 1e-2, then rising.
  const curve = Array.from({ length: 501 }, (_, i) => {
    const exponent = -6 + (7 * i) / 500;
    const fall = 2 / (1 + Math.exp(-4 * (exponent + 3)));
    const rise = Math.exp(3 * (exponent + 0.5));
    return { learningRate: 10 ** exponent, smoothedLoss: 2.3 - fall + rise };
  });
  const suggestions = suggestLearningRates(curve);
  it('steepest', () => expect(Math.log10(suggestions.steepest!)).toBeCloseTo(-3, 1));
  it('minimum/10', () => {
    const bottom = curve.reduce((best, point) => (point.smoothedLoss < best.smoothedLoss ? point : best));
    expect(suggestions['minimum/10']).toBe(bottom.learningRate / 10);
  });
  it.each(valleyGolden.cases.map((one, i) => [i, one] as const))(
    "valley: fastai's, curve %i (scripts/make-valley-golden.py)",
    (_i, { losses, index }) => expect(findValley(losses)).toBe(index),
  );
  it('takes a curve of any length (arguments that are spread end at about 120,000)', () => {
    const long = Array.from({ length: 200_000 }, (_, i) => ({
      learningRate: 1e-6 * 1.0001 ** i,
      smoothedLoss: Math.abs(i - 150_000),
    }));
    expect(suggestLearningRates(long)['minimum/10']).toBe(long[150_000]!.learningRate / 10);
  });
  it('none where the curve never falls', () => {
    const rising = curve.map((point, i) => ({ ...point, smoothedLoss: i }));
    expect(suggestLearningRates(rising)).toEqual({
      steepest: undefined,
      valley: undefined,
      'minimum/10': undefined,
    });
  });
});
