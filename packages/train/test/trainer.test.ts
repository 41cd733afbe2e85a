import '@tensorflow/tfjs-backend-cpu';
import { tfjsEngine } from '@mnist/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  type Callback,
  linear,
  recorder,
  type StepResult,
  TrainError,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';
import { tinyNet, tinySource, weightsOf } from './_tiny.js';

const engine = tfjsEngine({ backend: 'cpu' });
const options = (more: Partial<TrainerOptions> = {}): TrainerOptions => ({
  engine,
  data: tinySource(),
  learningRate: 1e-2,
  ...more,
  model: 'model' in more ? more.model! : tinyNet(),
});

/** Writes down every hook call. */
function logger(name: string, log: string[], last = false): Callback {
  const note = (hook: string, detail: unknown = '') => void log.push(`${name}.${hook}${detail}`);
  return {
    name,
    last,
    resume: () => note('resume') as undefined,
    trainBegin: () => note('trainBegin'),
    epochBegin: (_run, epoch) => note('epochBegin', epoch),
    stepBegin: (_run, { step }) => note('stepBegin', step),
    stepEnd: (_run, { step }) => note('stepEnd', step),
    epochEnd: (_run, epoch) => note('epochEnd', epoch),
    trainEnd: (_run, { reason }) => note('trainEnd', `:${reason}`),
    error: () => note('error'),
  };
}

describe('Trainer.train', () => {
  it('trains: the loss falls, the model gets the weights, the summary tells', async () => {
    const model = tinyNet();
    const before = weightsOf(model);
    const losses: number[] = [];
    const summary = await new Trainer(
      options({
        model,
        data: tinySource({ epochs: 8 }),
        callbacks: [{ name: 'losses', stepEnd: (_run, { loss }) => void losses.push(loss) }],
      }),
    ).train();
    expect(summary).toMatchObject({ reason: 'completed', steps: 40, resumedFrom: undefined });
    expect(summary.loss).toBe(losses.at(-1));
    expect(losses.slice(-5).reduce((a, b) => a + b)).toBeLessThan(
      losses.slice(0, 5).reduce((a, b) => a + b) / 2,
    );
    expect(weightsOf(model)).not.toEqual(before);
  });

  it('equals a bare loop over the session, bit for bit', async () => {
    const [trained, bare] = [tinyNet(), tinyNet()];
    await new Trainer(
      options({ model: trained, learningRate: linear({ from: 1e-2, to: 0, steps: 10 }) }),
    ).train();
    const data = tinySource();
    const session = await engine.open(bare, { batchSize: data.batchSize });
    for (const batch of data.iterate() as Iterable<never>) {
      const { step } = batch as { step: number };
      await session.step(batch, { learningRate: 1e-2 * (1 - step / 10), momentum: 0.9, weightDecay: 0 });
    }
    await session.writeBack();
    await session.dispose();
    expect(weightsOf(trained)).toEqual(weightsOf(bare));
  });

  it('calls the hooks in the documented order', async () => {
    const log: string[] = [];
    const callbacks = [logger('c', log, true), logger('a', log), logger('b', log)];
    await new Trainer(options({ data: tinySource({ batchesPerEpoch: 1, epochs: 2 }), callbacks })).train();
    const each = (hook: string) => ['a', 'b', 'c'].map((name) => `${name}.${hook}`);
    expect(log).toEqual([
      ...each('resume'),
      ...each('trainBegin'),
      ...[0, 1].flatMap((step) =>
        [`epochBegin${step}`, `stepBegin${step}`, `stepEnd${step}`, `epochEnd${step}`].flatMap(each),
      ),
      ...each('trainEnd:completed').reverse(),
    ]);
  });

  it('evaluates hyperparameter functions at every step', async () => {
    const seen: number[][] = [];
    await new Trainer(
      options({
        learningRate: (step) => 1e-3 * (step + 1),
        momentum: (step) => 0.8 + step / 100,
        weightDecay: (step) => step,
        callbacks: [
          {
            name: 'see',
            stepEnd: (_run, { learningRate, momentum, weightDecay }) =>
              void seen.push([learningRate, momentum, weightDecay]),
          },
        ],
      }),
    ).train();
    expect(seen).toEqual(
      Array.from({ length: 10 }, (_, step) => [1e-3 * (step + 1), 0.8 + step / 100, step]),
    );
  });

  it('stops for an AbortSignal after the step in progress and keeps the weights', async () => {
    const controller = new AbortController();
    const model = tinyNet();
    const before = weightsOf(model);
    const data = tinySource();
    const log: string[] = [];
    const abort: Callback = {
      name: 'abort',
      stepEnd: (run) => {
        if (run.step === 3) controller.abort('Ctrl-C');
      },
    };
    const summary = await new Trainer(options({ model, data, callbacks: [abort, logger('l', log)] })).train({
      signal: controller.signal,
    });
    expect(summary).toMatchObject({ reason: 'aborted', detail: 'Ctrl-C', steps: 3 });
    expect(log.at(-1)).toBe('l.trainEnd:aborted');
    expect(data.closed).toBe(1);
    expect(weightsOf(model)).not.toEqual(before);
  });

  it('takes no step where the signal has fired already', async () => {
    const summary = await new Trainer(options()).train({ signal: AbortSignal.abort() });
    expect(summary).toMatchObject({ reason: 'aborted', steps: 0 });
  });

  it('names the callback whose hook failed, tells the others, closes the data and keeps the weights', async () => {
    const log: string[] = [];
    const data = tinySource();
    const model = tinyNet();
    const before = weightsOf(model);
    const bad: Callback = {
      name: 'bad',
      stepEnd: (run) => {
        if (run.step === 2) throw new Error('disk on fire');
      },
    };
    const error = await new Trainer(options({ model, data, callbacks: [logger('l', log), bad] }))
      .train()
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(TrainError);
    expect(error).toMatchObject({
      code: 'CALLBACK_FAILED',
      message: "The callback 'bad' failed in 'stepEnd': disk on fire",
    });
    expect(log.at(-1)).toBe('l.error');
    expect(log.filter((line) => line.includes('trainEnd'))).toEqual([]);
    expect(data.closed).toBe(1);
    expect(weightsOf(model)).not.toEqual(before);
  });

  it('throws the errors of failing error hooks together with the first', async () => {
    const bad: Callback = {
      name: 'bad',
      stepEnd: () => {
        throw new Error('first');
      },
      error: () => {
        throw new Error('second');
      },
    };
    const error = await new Trainer(options({ callbacks: [bad] })).train().catch((reason) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors.map(({ message }: Error) => message)).toEqual([
      expect.stringContaining('first'),
      expect.stringContaining('second'),
    ]);
  });

  it('refuses data that ends early, starts elsewhere or has an incomplete batch', async () => {
    const short = { ...tinySource(), totalBatches: 11 };
    await expect(new Trainer(options({ data: short })).train()).rejects.toThrow(/announced 11 batches/);
    const real = tinySource();
    const shifted = { ...real, iterate: () => real.iterate(1) };
    await expect(new Trainer(options({ data: shifted })).train()).rejects.toThrow(/batch 1 where batch 0/);
    const wrongSize = { ...real, batchSize: 3 };
    await expect(new Trainer(options({ data: wrongSize })).train()).rejects.toMatchObject({
      code: 'INVALID_BATCH',
    });
  });

  it('refuses to train twice at once, but trains again afterwards', async () => {
    const trainer = new Trainer(options());
    const first = trainer.train();
    await expect(trainer.train()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    await first;
    expect((await trainer.train()).steps).toBe(10);
  });

  it('leaks no tensors, whatever way a training ends', async () => {
    const trainer = new Trainer(options());
    await trainer.train();
    const before = tf.memory().numTensors;
    await trainer.train();
    for await (const { step } of trainer.trainSteps()) if (step === 2) break;
    await trainer.train({ signal: AbortSignal.abort() });
    const bad = { name: 'bad', epochEnd: () => Promise.reject(new Error('no')) };
    const model = tinyNet();
    const withModel = tf.memory().numTensors;
    await expect(new Trainer(options({ model, callbacks: [bad] })).train()).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(withModel);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('Trainer.trainSteps', () => {
  it('yields every step and returns the summary', async () => {
    const steps = new Trainer(options()).trainSteps();
    const results: StepResult[] = [];
    let next = await steps.next();
    for (; !next.done; next = await steps.next()) results.push(next.value);
    expect(results.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(results.filter(({ lastInEpoch }) => lastInEpoch).map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(next.value).toMatchObject({ reason: 'completed', steps: 10 });
  });

  it('ends in good order when the loop is left', async () => {
    const log: string[] = [];
    const model = tinyNet();
    const before = weightsOf(model);
    const data = tinySource();
    for await (const { step } of new Trainer(
      options({ model, data, callbacks: [logger('l', log)] }),
    ).trainSteps()) {
      if (step === 1) break;
    }
    expect(log.at(-1)).toBe('l.trainEnd:left');
    expect(data.closed).toBe(1);
    expect(weightsOf(model)).not.toEqual(before);
  });
});

describe('the options of Trainer', () => {
  const wrong: [string, object, RegExp][] = [
    ['an unknown option', { learningrate: 1 }, /unknown option "learningrate".*learningRate/],
    ['no learning rate', { learningRate: undefined }, /learningRate is undefined/],
    ['a negative learning rate', { learningRate: -1 }, /learningRate is -1/],
    ['no model', { model: undefined }, /needs the option 'model'/],
    ['an unknown loss', { loss: { kind: 'hinge' } }, /loss\.kind is "hinge"/],
    ['an unknown optimiser option', { optimizer: { kind: 'adam', beta1: 0.9 } }, /unknown option "beta1"/],
    [
      'two callbacks of one name',
      { callbacks: [{ name: 'x' }, { name: 'x' }] },
      /Two callbacks are called 'x'/,
    ],
    ['a callback that was not made', { callbacks: [recorder] }, /is the function 'recorder'; call it/],
    ['a callback without a name', { callbacks: [{}] }, /callbacks\[0\] has no name/],
    ['a seed that is no integer', { seed: 0.5 }, /seed is 0\.5/],
  ];
  it.each(wrong)('refuses %s', (_what, more, text) => {
    expect(() => new Trainer(options(more))).toThrow(text);
    expect(() => new Trainer(options(more))).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
  it('refuses a schedule that leaves the range, at the step where it does', async () => {
    const trainer = new Trainer(options({ learningRate: (step) => 1 - step }));
    await expect(trainer.train()).rejects.toMatchObject({
      code: 'INVALID_HYPERPARAMETER',
      message: expect.stringContaining('learningRate is -1'),
    });
  });
});
