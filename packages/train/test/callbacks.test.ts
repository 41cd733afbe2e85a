import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  type Callback,
  checkpoint,
  csvLog,
  earlyStopping,
  evaluateSession,
  nanGuard,
  progressBar,
  recorder,
  smoothSeries,
  TrainError,
  timeLimit,
  validation,
  weightAverage,
} from '../src/index.js';
import { engine, keepStates, newPath, stopAfter, train } from './_callback-kit.js';
import { tinyBatch, tinyNet, tinySource, weightsOf } from './_tiny.js';

describe('recorder', () => {
  it('keeps a row a step and every metric, each once', async () => {
    const record = recorder();
    const report: Callback = {
      name: 'report',
      stepEnd: (run) => {
        if (run.step === 2) run.report({ a: 1 });
      },
      epochEnd: (run, epoch) => run.report({ b: epoch }),
      trainEnd: (run) => run.report({ c: 9 }),
    };
    await train([record, report], { learningRate: (step) => step });
    const { history } = record;
    expect(history.step).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(history.learningRate).toEqual(history.step);
    expect(history.epoch).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(history.seconds.every((seconds) => seconds > 0)).toBe(true);
    expect(history.metrics).toEqual({
      a: [{ step: 2, value: 1 }],
      b: [
        { step: 5, value: 0 },
        { step: 10, value: 1 },
      ],
      c: [{ step: 10, value: 9 }],
    });
  });
  it('starts anew with each training', async () => {
    const record = recorder();
    await train([record]);
    await train([record]);
    expect(record.history.step).toHaveLength(10);
  });
});

describe('smoothSeries', () => {
  it('starts at the first value and halves the weight in a half-life', () => {
    const smooth = smoothSeries([1, 0, 0, 0], { halfLife: 1 });
    // Weights 1/2, 1/4, ... from the newest, over their sum.
    expect(smooth[0]).toBe(1);
    for (const [i, value] of [1, 1 / 3, 1 / 7, 1 / 15].entries()) expect(smooth[i]).toBeCloseTo(value, 12);
  });
  it('passes over values that are not finite', () => {
    expect(smoothSeries([Number.NaN, 2, Number.POSITIVE_INFINITY, 2], { halfLife: 3 })).toEqual([
      Number.NaN,
      2,
      2,
      2,
    ]);
  });
});

describe('validation', () => {
  const { images, labels } = tinyBatch(40, 5);
  it('measures when asked to, in evaluation mode, and changes nothing', async () => {
    const [plain, measured] = [tinyNet(), tinyNet()];
    const record = recorder();
    await train([], { model: plain });
    await train([record, validation({ images, labels, everySteps: 4 })], { model: measured });
    expect(weightsOf(measured)).toEqual(weightsOf(plain));
    expect(record.history.metrics.validationLoss!.map(({ step }) => step)).toEqual([4, 8]);
  });
  it('reports the accuracy and the cross-entropy of all images, odd numbers included', async () => {
    const record = recorder();
    const model = tinyNet();
    const odd = { images: images.hi(37), labels: labels.hi(37) };
    await train([record, validation(odd)], { model });
    const session = await engine.open(model, { batchSize: 4 });
    const logits = await session.predict(odd.images);
    let [correct, loss] = [0, 0];
    for (let n = 0; n < 37; n++) {
      const row = [0, 1, 2].map((k) => logits.get(n, k));
      correct += Number(row.indexOf(Math.max(...row)) === labels.get(n));
      loss -= Math.log(Math.exp(row[labels.get(n)]!) / row.reduce((sum, value) => sum + Math.exp(value), 0));
    }
    const { validationAccuracy, validationLoss } = record.history.metrics;
    expect(validationAccuracy!.at(-1)).toEqual({ step: 10, value: correct / 37 });
    expect(validationLoss!.at(-1)!.value).toBeCloseTo(loss / 37, 5);
    expect(await evaluateSession(session, odd)).toMatchObject({ count: 37, accuracy: correct / 37 });
    await session.dispose();
  });
  it('draws the same sample for the same seed, without replacement', async () => {
    const lossWith = async (sample: { count: number; seed: number }) =>
      (await train([validation({ images, labels, sample })])).metrics.validationLoss;
    const all = await lossWith({ count: 40, seed: 1 });
    expect(await lossWith({ count: 40, seed: 2 })).toBeCloseTo(all!, 6);
    expect(await lossWith({ count: 10, seed: 1 })).toBe(await lossWith({ count: 10, seed: 1 }));
    expect(await lossWith({ count: 10, seed: 2 })).not.toBe(await lossWith({ count: 10, seed: 1 }));
  });
  it('measures the final weights at the end where asked', async () => {
    const change: Callback = {
      name: 'change',
      async trainEnd(run) {
        const state = await run.session.state();
        const parameters = state.parameters.map((tensor) => ({
          ...tensor,
          data: new Float32Array(tensor.data.length),
        }));
        await run.session.restore({ ...state, parameters });
      },
    };
    const summary = await train([validation({ images, labels, atEnd: true }), change]);
    expect(summary.metrics.validationLoss).toBeCloseTo(Math.log(3), 6);
  });
});

describe('earlyStopping', () => {
  const reportPerEpoch = (values: number[], name = 'validationAccuracy'): Callback => ({
    name: 'report',
    epochEnd: (run, epoch) => run.report({ [name]: values[epoch]! }),
  });
  const data = () => tinySource({ epochs: 8, batchesPerEpoch: 2 });

  it('stops after the patience and restores the best weights', async () => {
    const keep = keepStates();
    const model = tinyNet();
    const summary = await train(
      [keep, reportPerEpoch([1, 3, 2, 2.5, 3, 9]), earlyStopping({ patience: 3 })],
      {
        data: data(),
        model,
      },
    );
    expect(summary).toMatchObject({ reason: 'earlyStopping', steps: 10 });
    expect(summary.detail).toMatch(/validationAccuracy has not improved over 3 \(step 4\) in 3 measurements/);
    const best = keep.states[3]!;
    expect(weightsOf(model).slice(0, 2)).toEqual(best.parameters.slice(0, 2).map(({ data }) => data));
  });
  it('takes losses as better when smaller, and heeds minDelta', async () => {
    const losses = [5, 4.9, 4.8, 4.7, 4.6, 4.5];
    const summary = await train(
      [reportPerEpoch(losses, 'myLoss'), earlyStopping({ metric: 'myLoss', patience: 2, minDelta: 0.25 })],
      { data: data() },
    );
    // 5 is best until 4.7 (over 0.25 better), the two in between are no improvement: stopped after the second.
    expect(summary).toMatchObject({ reason: 'earlyStopping', steps: 6 });
  });
  it('keeps its patience and its best weights over a resume', async () => {
    const values = [1, 3, 2, 2.5, 2, 9];
    const callbacks = (directory: string, more: Callback[] = []) => [
      reportPerEpoch(values),
      ...more,
      earlyStopping({ patience: 3 }),
      checkpoint({ directory, resume: true }),
    ];
    const [whole, resumed] = [tinyNet(), tinyNet()];
    await train(callbacks(newPath('')), { data: data(), model: whole });
    const directory = newPath('');
    await train(callbacks(directory, [stopAfter(7)]), { data: data() });
    const summary = await train(callbacks(directory), { data: data(), model: resumed });
    expect(summary).toMatchObject({ reason: 'earlyStopping', steps: 10, resumedFrom: 7 });
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
    const again = await train(callbacks(directory), { data: data() });
    expect(again).toMatchObject({ reason: 'earlyStopping', steps: 10, resumedFrom: 10 });
  });
  it('takes a metric that is no number as no improvement', async () => {
    const first = await train([reportPerEpoch([Number.NaN, 1, 2, 1, 1]), earlyStopping({ patience: 2 })], {
      data: data(),
    });
    expect(first).toMatchObject({ reason: 'earlyStopping', steps: 10 });
    const never = await train([reportPerEpoch(Array(8).fill(Number.NaN)), earlyStopping({ patience: 3 })], {
      data: data(),
    });
    expect(never).toMatchObject({ reason: 'earlyStopping', steps: 6 });
    expect(never.detail).toMatch(/not been a finite number in 3/);
  });
  it('complains when nobody reports the metric', async () => {
    const silent: Callback = { name: 'silent' };
    await expect(train([silent, earlyStopping()])).rejects.toThrow(
      /never saw the metric 'validationAccuracy'/,
    );
  });
  it('finds a wrong metric before the first step where every callback says what it reports', async () => {
    const { images, labels } = tinyBatch(4, 5);
    const steps = keepStates();
    const attempt = train([
      { ...steps, reports: [] },
      validation({ images, labels }),
      earlyStopping({ metric: 'validationAccurracy', mode: 'max' }),
    ]);
    await expect(attempt).rejects.toThrow(
      /nobody reports the metric 'validationAccurracy'.*Reported are: validationLoss, validationAccuracy/,
    );
    expect(steps.states).toHaveLength(0);
    await expect(train([earlyStopping(), validation({ images, labels })])).rejects.toThrow(
      /stands behind 'earlyStopping': put it before/,
    );
  });
  it('knows losses and accuracies by name and asks for the mode of any other', async () => {
    const falling = [5, 4, 3, 2, 1, 0.5, 0.4, 0.3];
    for (const metric of ['val_loss', 'loss', 'myLoss']) {
      const summary = await train([reportPerEpoch(falling, metric), earlyStopping({ metric, patience: 2 })], {
        data: data(),
      });
      expect(summary).toMatchObject({ reason: 'completed' });
    }
    for (const metric of ['error', 'perplexity']) {
      expect(() => earlyStopping({ metric })).toThrow(/larger '\w+' is better cannot be told.*mode: 'min'/);
      expect(() => checkpoint({ directory: 'x', keepBest: { count: 1, metric } })).toThrow(/mode: 'min'/);
    }
    const summary = await train(
      [reportPerEpoch(falling, 'error'), earlyStopping({ metric: 'error', mode: 'min', patience: 2 })],
      { data: data() },
    );
    expect(summary).toMatchObject({ reason: 'completed' });
  });
  it('refuses a metric that came after it had looked: it was measured on weights that are gone', async () => {
    await expect(
      train([{ name: 'own' }, earlyStopping({ patience: 3 }), reportPerEpoch([1, 2, 3, 4, 5, 6, 7, 8])], {
        data: data(),
      }),
    ).rejects.toThrow(/of step 2 came after it had looked/);
  });
  it('added on a resume, does not pair the metric of before with the weights of after', async () => {
    const directory = newPath('');
    const report = reportPerEpoch([9, 1, 2, 3, 2, 2, 2, 2]);
    await train([report, stopAfter(3), checkpoint({ directory })], { data: data() });
    const keep = keepStates();
    const model = tinyNet();
    const summary = await train(
      [
        report,
        keep,
        earlyStopping({ patience: 3 }),
        checkpoint({ directory, resume: true, warn: () => undefined }),
      ],
      { data: data(), model },
    );
    expect(summary).toMatchObject({ reason: 'earlyStopping', steps: 14, resumedFrom: 3 });
    expect(summary.detail).toMatch(/improved over 3 \(step 8\)/);
    const best = keep.states.find(({ step }) => step === 8)!;
    expect(weightsOf(model).slice(0, 2)).toEqual(best.parameters.slice(0, 2).map(({ data }) => data));
  });
});

describe('nanGuard', () => {
  /** From batch `from` on, the pixels are no numbers. */
  function poisoned(from: number) {
    const source = tinySource({ epochs: 4 });
    return {
      ...source,
      *iterate(start = 0) {
        for (const batch of source.iterate(start) as Iterable<ReturnType<typeof tinyBatch>>) {
          if (batch.step >= from) batch.images.data.fill(Number.NaN);
          yield batch;
        }
      },
    };
  }
  it('stops at the step and gives back the last state proven good', async () => {
    const keep = keepStates();
    const model = tinyNet();
    const summary = await train([keep, nanGuard({ everySteps: 3 })], { model, data: poisoned(8) });
    expect(summary).toMatchObject({ reason: 'diverged' });
    expect(summary.detail).toMatch(/loss of step 8 is NaN; the weights are those after 6 steps/);
    expect(weightsOf(model)[0]).toEqual(keep.states[5]!.parameters[0]!.data);
  });
  it('does not trust a state whose next loss was the bad one', async () => {
    const keep = keepStates();
    const model = tinyNet();
    await train([keep, nanGuard({ everySteps: 3 })], { model, data: poisoned(6) });
    expect(weightsOf(model)[0]).toEqual(keep.states[2]!.parameters[0]!.data);
  });
  it('gives back the first weights when the first step is bad', async () => {
    const model = tinyNet();
    const before = weightsOf(model);
    await train([nanGuard()], { model, data: poisoned(0) });
    expect(weightsOf(model)).toEqual(before);
  });
  it('throws where asked to, the good weights in the model', async () => {
    const model = tinyNet();
    const before = weightsOf(model);
    await expect(train([nanGuard({ throws: true })], { model, data: poisoned(2) })).rejects.toMatchObject({
      code: 'DIVERGED',
    });
    expect(weightsOf(model)).toEqual(before);
  });
  it('finds weights that are no numbers behind a loss that is one', async () => {
    const keep = keepStates();
    const model = tinyNet();
    const spoil: Callback = {
      name: 'spoil',
      async stepEnd(run) {
        if (run.step !== 4) return;
        const state = await run.session.state();
        state.slots.v![0]!.data[0] = Number.POSITIVE_INFINITY;
        await run.session.restore(state);
      },
    };
    const summary = await train([keep, spoil, nanGuard({ everySteps: 2 })], { model });
    expect(summary).toMatchObject({ reason: 'diverged' });
    expect(summary.detail).toMatch(/After step 3 numbers are not finite \(slot:v 'conv\/kernel'\)/);
    expect(weightsOf(model)[0]).toEqual(keep.states[1]!.parameters[0]!.data);
  });
  it('does not take weights that are no numbers for good ones at the start', async () => {
    const model = tinyNet();
    const [kernel, ...others] = model.getWeights();
    model.setWeights([tf.mul(kernel!, Number.NaN), ...others]);
    await expect(train([nanGuard()], { model })).rejects.toMatchObject({
      code: 'DIVERGED',
      message: expect.stringContaining("parameters 'conv/kernel'"),
    });
  });
  it('takes a loss over the limit as divergence', async () => {
    expect(await train([nanGuard({ maxLoss: 1e-9 })])).toMatchObject({ reason: 'diverged', steps: 1 });
  });
});

describe('timeLimit', () => {
  it('ends by the clock it is given', async () => {
    let time = 0;
    const tick: Callback = {
      name: 'tick',
      stepEnd: () => {
        time += 1000;
      },
    };
    const summary = await train([tick, timeLimit({ seconds: 4 })], { now: () => time });
    expect(summary).toMatchObject({ reason: 'timeLimit', steps: 4 });
  });
});

describe('misuse of callbacks', () => {
  const set = { images: tinyBatch(4, 1).images, labels: tinyBatch(4, 1).labels };
  const wrong: [string, () => unknown, RegExp][] = [
    ['recorder', () => recorder({ file: 'x' } as never), /unknown option "file"/],
    ['validation without images', () => validation({} as never), /validation takes images/],
    [
      'validation with another number of labels',
      () => validation({ ...set, labels: set.labels.hi(3) }),
      /\[3\]/,
    ],
    [
      'a sample that is too large',
      () => validation({ ...set, sample: { count: 5, seed: 1 } }),
      /5 .*4 images/,
    ],
    ['earlyStopping', () => earlyStopping({ patience: 0 }), /patience is 0/],
    ['nanGuard', () => nanGuard({ everySteps: 0.5 }), /everySteps is 0\.5/],
    ['timeLimit', () => timeLimit({ seconds: 0 }), /seconds is 0/],
    [
      'weightAverage of a kind that is none',
      () => weightAverage({ kind: 'mean' } as never),
      /kind is "mean"/,
    ],
    [
      'swa with a half-life',
      () => weightAverage({ kind: 'swa', halfLife: 3 } as never),
      /unknown option "halfLife"/,
    ],
    ['ema without a half-life', () => weightAverage({ kind: 'ema' } as never), /halfLife is NaN/],
    ['csvLog', () => csvLog({} as never), /csvLog: path is undefined/],
    ['progressBar', () => progressBar({ everySeconds: -1 }), /everySeconds is -1/],
  ];
  it.each(wrong)('%s', (_what, call, text) => {
    expect(call).toThrow(TrainError);
    expect(call).toThrow(text);
  });
  it('a metric that is no number', async () => {
    const bad: Callback = { name: 'bad', stepEnd: (run) => run.report({ x: '1' } as never) };
    await expect(train([bad])).rejects.toThrow(/metric 'x' is 1; it must be a number/);
  });
  it('labels beyond the classes of the net', async () => {
    const labels = ndarray(Uint8Array.of(0, 1, 2, 7));
    await expect(train([validation({ images: set.images, labels })])).rejects.toThrow(
      /label of image 3 is 7; the net has the classes 0 to 2/,
    );
  });
});
