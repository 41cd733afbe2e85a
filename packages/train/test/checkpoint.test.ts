import '@tensorflow/tfjs-backend-cpu';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, BatchSource } from '@mnist/dataset';
import type { Engine } from '@mnist/engine';
import { tfjsEngine } from '@mnist/tfjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../src/checkpoint/checkpoint-format.js';
import {
  type Callback,
  type CheckpointOptions,
  checkpoint,
  listCheckpoints,
  readCheckpoint,
  readLatestCheckpoint,
  recorder,
  TrainError,
  Trainer,
  type TrainerOptions,
  type TrainingSnapshot,
  validation,
  weightAverage,
} from '../src/index.js';
import { tinyBatch, tinyNet, tinySource, weightsOf } from './_tiny.js';

const engine = tfjsEngine({ backend: 'cpu' });
const root = mkdtempSync(join(tmpdir(), 'mnist-train-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const trainer = (save: CheckpointOptions, more: Partial<TrainerOptions> = {}, callbacks: Callback[] = []) =>
  new Trainer({
    model: tinyNet(),
    engine,
    data: tinySource(),
    learningRate: (step) => 1e-2 / (1 + step),
    ...more,
    callbacks: [...callbacks, checkpoint(save)],
  });
const stopAfter = (steps: number): Callback => ({
  name: 'stop',
  stepEnd: (run) => {
    if (run.step === steps) run.stop('test');
  },
});
const stepsIn = async (directory: string) => (await listCheckpoints(directory)).map(({ step }) => step);

describe('resume', () => {
  it.each([1, 4, 5, 7, 9])(
    'after a stop at step %i: the net of an uninterrupted training, bit for bit',
    async (stop) => {
      const [whole, resumed] = [tinyNet(), tinyNet()];
      const [recordWhole, recordResumed] = [recorder(), recorder()];
      await trainer({ directory: newFolder() }, { model: whole }, [recordWhole, fullValidation()]).train();
      const directory = newFolder();
      await trainer({ directory, everySteps: 3 }, {}, [
        recorder(),
        fullValidation(),
        stopAfter(stop),
      ]).train();
      const summary = await trainer({ directory, resume: true }, { model: resumed }, [
        recordResumed,
        fullValidation(),
      ]).train();
      expect(summary).toMatchObject({ reason: 'completed', steps: 10, resumedFrom: stop });
      expect(weightsOf(resumed)).toEqual(weightsOf(whole));
      expect(recordResumed.history.loss).toEqual(recordWhole.history.loss);
      expect(recordResumed.history.learningRate).toEqual(recordWhole.history.learningRate);
      expect(recordResumed.history.metrics).toEqual(recordWhole.history.metrics);
    },
  );

  it('of a finished training takes no step and gives the model its weights', async () => {
    const directory = newFolder();
    const [first, second] = [tinyNet(1), tinyNet(2)];
    await trainer({ directory }, { model: first }).train();
    const summary = await trainer({ directory, resume: true }, { model: second }).train();
    expect(summary).toMatchObject({ reason: 'completed', steps: 10, resumedFrom: 10 });
    expect(weightsOf(second)).toEqual(weightsOf(first));
  });

  it('starts from the beginning where there is nothing to resume', async () => {
    const summary = await trainer({ directory: newFolder(), resume: true }).train();
    expect(summary).toMatchObject({ steps: 10, resumedFrom: undefined });
  });

  it('falls back to the checkpoint before a damaged one, sets that aside, and says so', async () => {
    const directory = newFolder();
    await trainer({ directory, everySteps: 4 }).train();
    expect(await stepsIn(directory)).toEqual([8, 10]);
    truncateSync(join(directory, 'step-000000010.ckpt'), 500);
    const warn = vi.fn();
    const whole = tinyNet();
    const summary = await trainer({ directory, resume: true, warn }, { model: whole }).train();
    expect(summary).toMatchObject({ steps: 10, resumedFrom: 8 });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/step-000000010\.ckpt' cannot be used: .*set aside as .*corrupt'.*one before it/),
    );
    expect(readdirSync(directory)).toContain('step-000000010.ckpt.corrupt');
    const reference = tinyNet();
    await trainer({ directory: newFolder() }, { model: reference }).train();
    expect(weightsOf(whole)).toEqual(weightsOf(reference));
  });

  it('throws where no checkpoint is whole, rather than start again unasked', async () => {
    const directory = newFolder();
    await trainer({ directory }).train();
    for (const { path } of await listCheckpoints(directory)) writeFileSync(path, 'x');
    await expect(trainer({ directory, resume: true, warn: () => undefined }).train()).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
    });
  });

  it('ignores and removes what an interrupted write left', async () => {
    const directory = newFolder();
    await trainer({ directory }, {}, [stopAfter(6)]).train();
    writeFileSync(join(directory, '.step-000000007.ckpt.123-0123abcd.tmp'), 'half');
    const summary = await trainer({ directory, resume: true }).train();
    expect(summary.resumedFrom).toBe(6);
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses a folder of an earlier training unless asked to resume', async () => {
    const directory = newFolder();
    await trainer({ directory }).train();
    await expect(trainer({ directory }).train()).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringContaining('resume: true'),
    });
  });

  it.each([
    ['batch size', { data: tinySource({ batchSize: 8 }) }, /batchSize 4, this one has 8/],
    ['seed', { seed: 3 }, /seed 0, this one has 3/],
    ['optimiser', { optimizer: { kind: 'sgd' } }, /optimizer .*adam.*sgd/],
    ['loss', { loss: { kind: 'meanSquaredError' } }, /loss .*softmax/],
    [
      'length',
      { data: tinySource({ epochs: 1 }) },
      /totalSteps 10, this one has 5.*mayChange: \['totalSteps'\]/,
    ],
    ['greater length', { data: tinySource({ epochs: 3 }) }, /totalSteps 10, this one has 15/],
    [
      'data seed',
      { data: tinySource({ seed: 2 }) },
      /other data at step 9.*other images.*mayChange: \['data'\]/,
    ],
    ['data set', { data: otherSet(tinySource()) }, /other data at step 9.*other images.*data set/],
    ['augmentation', { data: brighter(tinySource()) }, /other data at step 9.*prepared otherwise/],
    ['schedule', { learningRate: 1e-2 }, /learningRate 0\.005 at step 1, this one has 0\.01/],
    ['momentum', { momentum: 0.8 }, /momentum 0\.9 at step 0, this one has 0\.8/],
    ['weight decay', { weightDecay: 1e-3 }, /weightDecay 0 at step 0, this one has 0\.001/],
  ] as [string, Partial<TrainerOptions>, RegExp][])('refuses another %s', async (_what, more, text) => {
    const directory = newFolder();
    await trainer({ directory }).train();
    const before = readdirSync(directory);
    const attempt = trainer({ directory, resume: true }, more).train();
    await expect(attempt).rejects.toThrow(text);
    await expect(attempt).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
    expect(readdirSync(directory)).toEqual(before);
  });

  it('takes what mayChange lists, and announces it', async () => {
    const directory = newFolder();
    await trainer({ directory }, {}, [stopAfter(5)]).train();
    const warn = vi.fn();
    const more = { learningRate: 1e-3, data: tinySource({ seed: 2, epochs: 3 }) };
    const mayChange = ['learningRate', 'data', 'totalSteps'] as const;
    const summary = await trainer({ directory, resume: true, warn, mayChange }, more).train();
    expect(summary).toMatchObject({ steps: 15, resumedFrom: 5 });
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/goes on with another learningRate, totalSteps than/),
    );
  });

  it('refuses other options of a callback that travels with the checkpoint', async () => {
    const directory = newFolder();
    const ema = (halfLife: number) => weightAverage({ kind: 'ema', halfLife, everySteps: 1 });
    await trainer({ directory }, {}, [ema(5), stopAfter(5)]).train();
    await expect(trainer({ directory, resume: true }, {}, [ema(9)]).train()).rejects.toThrow(
      /callback 'weightAverage' with .*"halfLife":5.* this one has .*"halfLife":9/,
    );
  });

  it('announces callbacks whose state is dropped and those that begin late', async () => {
    const directory = newFolder();
    await trainer({ directory }, {}, [recorder({ name: 'old' }), stopAfter(5)]).train();
    const warn = vi.fn();
    await trainer({ directory, resume: true, warn }, {}, [recorder({ name: 'new' })]).train();
    expect(warn.mock.calls.flat()).toEqual([
      expect.stringMatching(/states of callbacks that this training has not: old/),
      expect.stringMatching(/no state of the callbacks new: they begin after 5 steps/),
    ]);
  });

  it('continues another engine with a warning', async () => {
    const directory = newFolder();
    await trainer({ directory }, {}, [stopAfter(5)]).train();
    const other: Engine = {
      ...engine,
      open: async (model, options) => {
        const session = await engine.open(model, options);
        return Object.defineProperty(session, 'computedBy', { value: 'other:cpu bf16' });
      },
    };
    const warn = vi.fn();
    await trainer({ directory, resume: true, warn }, { engine: other }).train();
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining("'tfjs:cpu'; 'other:cpu bf16' continues it"),
    );
  });
});

describe('what is kept', () => {
  it('the newest k, at the steps asked for', async () => {
    const directory = newFolder();
    await trainer({ directory, everySteps: 2, keepLast: 3 }).train();
    expect(await stepsIn(directory)).toEqual([6, 8, 10]);
  });
  it('by default each epoch, the newest two', async () => {
    const directory = newFolder();
    await trainer({ directory }, { data: tinySource({ epochs: 4 }) }).train();
    expect(await stepsIn(directory)).toEqual([15, 20]);
  });
  it('the state at an abort', async () => {
    const directory = newFolder();
    const controller = new AbortController();
    const abort: Callback = {
      name: 'abort',
      stepEnd: (run) => {
        if (run.step === 3) controller.abort();
      },
    };
    await trainer({ directory }, {}, [abort]).train({ signal: controller.signal });
    expect(await stepsIn(directory)).toEqual([3]);
  });
  it('the best k by a metric', async () => {
    const values = [0.1, 0.9, 0.3, 0.8, 0.2];
    const report: Callback = {
      name: 'report',
      epochEnd: (run, epoch) =>
        run.report({ validationAccuracy: values[epoch]!, validationLoss: values[epoch]! }),
    };
    const data = tinySource({ epochs: 5 });
    const best = newFolder();
    await trainer({ directory: best, keepLast: 1, keepBest: { count: 2 } }, { data }, [report]).train();
    expect(await stepsIn(best)).toEqual([10, 20, 25]);
    const lowest = newFolder();
    await trainer(
      { directory: lowest, keepLast: 1, keepBest: { count: 1, metric: 'validationLoss' } },
      { data },
      [report],
    ).train();
    expect(await stepsIn(lowest)).toEqual([5, 25]);
  });
});

describe('the file format', () => {
  let bytes: Buffer;
  let snapshot: TrainingSnapshot;
  let path: string;
  beforeAll(async () => {
    const directory = newFolder();
    await trainer({ directory }, {}, [recorder()]).train();
    path = (await listCheckpoints(directory)).at(-1)!.path;
    bytes = readFileSync(path);
    snapshot = await readCheckpoint(path);
  });

  it('is as documented: magic, version, JSON header, aligned data, SHA-256', () => {
    expect(bytes.toString('latin1', 0, 8)).toBe('MNISTCKP');
    expect(bytes.readUInt32LE(8)).toBe(2);
    const length = bytes.readUInt32LE(12);
    expect((16 + length) % 8).toBe(0);
    const header = JSON.parse(bytes.toString('utf8', 16, 16 + length));
    expect(header).toMatchObject({
      format: 'mnist-train-checkpoint',
      step: 10,
      computedBy: 'tfjs:cpu',
      identity: { totalSteps: 10, momentum: [[0, 0.9]] },
    });
    const [first] = header.arrays;
    expect(first).toEqual({ group: 'columns:recorder', name: 'step', type: 'float64', shape: [10] });
    expect(bytes.readDoubleLE(16 + length + 8)).toBe(1);
    const at = header.arrays.findIndex(({ group }: { group: string }) => group === 'parameters');
    expect(header.arrays[at]).toEqual({
      group: 'parameters',
      name: 'conv/kernel',
      type: 'float32',
      shape: [3, 3, 1, 3],
    });
    expect(bytes.readFloatLE(16 + length + at * 80)).toBe(snapshot.state.parameters[0]!.data[0]);
  });

  it('round-trips to the same bytes', () => {
    expect(encodeCheckpoint(decodeCheckpoint(bytes, path)).equals(bytes)).toBe(true);
  });

  it('keeps callback tensors, empty tensors and odd names', () => {
    const odd: TrainingSnapshot = {
      ...snapshot,
      callbacks: {
        'a:b': {
          json: { text: 'ä€' },
          tensors: { 'x:y': [{ name: '', shape: [0], data: new Float32Array(0) }] },
          columns: { c: Float64Array.of(1e300, Number.NaN) },
        },
        plain: { json: null },
      },
    };
    expect(decodeCheckpoint(encodeCheckpoint(odd), 'odd')).toEqual(odd);
  });

  it('finds every flipped bit and every cut (fuzz): a typed error, never another one', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (at, flip, cut) => {
          const damaged = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
          if (!cut) damaged[at]! ^= flip;
          const error = (() => {
            try {
              decodeCheckpoint(damaged, 'file');
            } catch (reason) {
              return reason;
            }
          })();
          expect(error).toBeInstanceOf(TrainError);
          expect(error).toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('names a missing file', async () => {
    await expect(readCheckpoint('/no/such/file.ckpt')).rejects.toMatchObject({
      code: 'CHECKPOINT_UNAVAILABLE',
    });
  });

  it('is found by the exact name only', async () => {
    const directory = newFolder();
    await trainer({ directory }).train();
    copyFileSync(path, join(directory, 'copy of step-000000099.ckpt'));
    expect(await stepsIn(directory)).toEqual([5, 10]);
    expect((await readLatestCheckpoint(directory))!.state.step).toBe(10);
  });
});

describe('misuse', () => {
  it.each([
    ['an unknown option', { directory: 'x', dir: 'y' }, /unknown option "dir"/],
    ['no directory', {}, /directory is ""; expected a non-empty string/],
    ['keepLast 0', { directory: 'x', keepLast: 0 }, /keepLast is 0/],
    ['a mode that is none', { directory: 'x', keepBest: { count: 1, mode: 'top' } }, /mode is "top"/],
  ])('%s', (_what, options, text) => {
    expect(() => checkpoint(options as never)).toThrow(text);
  });
  it('a folder that cannot be written: a typed error with the reason', async () => {
    const directory = newFolder();
    writeFileSync(directory, 'a file');
    await expect(trainer({ directory }).train()).rejects.toMatchObject({ code: 'CHECKPOINT_UNAVAILABLE' });
  });
});

function fullValidation(): Callback {
  const { images, labels } = tinyBatch(8, 77);
  return validation({ images, labels, everySteps: 2, everyEpochs: 1 });
}

/** The same images, prepared otherwise. */
function brighter(source: BatchSource): BatchSource {
  return {
    ...source,
    *iterate(start = 0) {
      for (const batch of source.iterate(start) as Iterable<Batch>) {
        for (let i = 0; i < batch.images.data.length; i++) batch.images.data[i]! += 0.5;
        yield batch;
      }
    },
  };
}

/** The images of the same positions in another set. */
function otherSet(source: BatchSource): BatchSource {
  return {
    ...source,
    *iterate(start = 0) {
      for (const batch of source.iterate(start) as Iterable<Batch>) {
        for (let i = 0; i < batch.labels.size; i++) batch.labels.set(i, (batch.labels.get(i) + 1) % 3);
        yield batch;
      }
    },
  };
}
