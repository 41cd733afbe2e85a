import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch, BatchSource } from '@mnist/dataset';
import { type RandomGenerator, stream, uniformInteger } from '@mnist/kit';
import { describe, expect, it, vi } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../src/checkpoint/checkpoint-format.js';
import {
  type Callback,
  checkpoint,
  csvLog,
  earlyStopping,
  listCheckpoints,
  nanGuard,
  readCheckpoint,
  recorder,
  TrainError,
  validation,
  weightAverage,
  writeCheckpoint,
} from '../src/index.js';
import { keepStates, newPath, stopAfter, train } from './_callback-kit.js';
import { tinyBatch, tinyNet, tinySource, weightsOf } from './_tiny.js';

const stepsIn = async (directory: string) => (await listCheckpoints(directory)).map(({ step }) => step);
const quiet = () => undefined;

/** Batch `at` gives no number until whatever was wrong is mended. */
function explodingOnce(at: number, healed: () => boolean): BatchSource {
  const source = tinySource({ epochs: 4 });
  return {
    ...source,
    *iterate(start = 0) {
      for (const batch of source.iterate(start) as Iterable<Batch>) {
        if (batch.step === at && !healed()) batch.images.data.fill(Number.NaN);
        yield batch;
      }
    },
  };
}

describe('a checkpoint holds proven state', () => {
  it('the step of a divergence is not written: after the resume, recorder and log hold each step once', async () => {
    const directory = newPath('');
    const path = newPath('.csv');
    let healed = false;
    const data = explodingOnce(12, () => healed);
    const record = recorder();
    const callbacks = () => [
      record,
      csvLog({ path }),
      nanGuard({ everySteps: 5 }),
      checkpoint({ directory, everySteps: 1, resume: true, warn: quiet }),
    ];
    const first = await train(callbacks(), { data });
    expect(first).toMatchObject({ reason: 'diverged' });
    expect(readdirSync(directory).filter((name) => name.endsWith('.ckpt'))).toEqual(['step-000000011.ckpt']);
    expect(readdirSync(directory)).toContain('step-000000012.ckpt.unproven');
    healed = true;
    const second = await train(callbacks(), { data });
    expect(second).toMatchObject({ reason: 'completed', resumedFrom: 11, steps: 20 });
    const all = Array.from({ length: 20 }, (_, step) => step);
    expect(record.history.step).toEqual(all);
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(all);
  });

  it('the same where nanGuard throws', async () => {
    const directory = newPath('');
    const data = explodingOnce(12, () => false);
    const guard = nanGuard({ throws: true });
    await expect(
      train([guard, checkpoint({ directory, everySteps: 1, warn: quiet })], { data }),
    ).rejects.toMatchObject({ code: 'DIVERGED' });
    expect(await stepsIn(directory)).toEqual([11]);
  });

  it('weights that are no numbers behind a finite loss are not written, and a poisoned file is passed over', async () => {
    const directory = newPath('');
    const poison: Callback = {
      name: 'poison',
      async stepEnd(run) {
        if (run.step !== 6) return;
        const state = await run.session.state();
        state.statistics[1]!.data[0] = Number.NaN;
        await run.session.restore(state);
      },
    };
    const warn = vi.fn();
    const summary = await train([poison, stopAfter(6), checkpoint({ directory, everySteps: 2, warn })]);
    expect(Number.isFinite(summary.loss)).toBe(true);
    expect(await stepsIn(directory)).toEqual([2, 4]);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/after 6 steps: .*statistics 'norm/));
    // As a program before this rule would have left it.
    const snapshot = await readCheckpoint((await listCheckpoints(directory)).at(-1)!.path);
    snapshot.state.parameters[0]!.data[3] = Number.POSITIVE_INFINITY;
    await writeCheckpoint(directory, { ...snapshot, state: { ...snapshot.state, step: 6 } });
    warn.mockClear();
    const resumed = await train([nanGuard(), checkpoint({ directory, resume: true, warn })]);
    expect(resumed).toMatchObject({ reason: 'completed', resumedFrom: 4, steps: 10 });
    expect(warn.mock.calls[0]![0]).toMatch(/not finite \(parameters 'conv\/kernel'\).*one before it/);
  });

  it('the only checkpoint is kept, even where the next step diverges', async () => {
    const directory = newPath('');
    const data = explodingOnce(5, () => false);
    await train([nanGuard(), checkpoint({ directory, everySteps: 5, warn: quiet })], { data });
    expect(await stepsIn(directory)).toEqual([5]);
  });
});

describe('keepBest', () => {
  const reporting = (values: number[], name = 'validationAccuracy'): Callback => ({
    name: 'report',
    epochEnd: (run, epoch) => run.report({ [name]: values[epoch]! }),
  });
  const data = tinySource({ epochs: 5 });

  it('takes no number that is none for the best', async () => {
    const directory = newPath('');
    const values = [Number.NaN, 0.5, 0.2, 0.9, 0.8];
    await train(
      [
        reporting(values, 'validationLoss'),
        checkpoint({ directory, keepLast: 1, keepBest: { count: 1, metric: 'validationLoss' } }),
      ],
      { data },
    );
    expect(await stepsIn(directory)).toEqual([15, 25]);
  });

  it('keeps its ratings over a resume', async () => {
    const directory = newPath('');
    const keep = (resume: boolean) =>
      checkpoint({ directory, resume, keepLast: 1, keepBest: { count: 1 }, warn: quiet });
    const values = [0.1, 0.9, 0.3, 0.2, 0.4];
    await train([reporting(values), stopAfter(17), keep(false)], { data });
    await train([reporting(values), keep(true)], { data });
    expect(await stepsIn(directory)).toEqual([10, 25]);
  });

  it('says when its metric never came, and finds a wrong name before the first step where it can', async () => {
    const warn = vi.fn();
    await train(
      [
        reporting([1, 2, 3, 4, 5]),
        checkpoint({ directory: newPath(''), keepBest: { count: 1, metric: 'accuracy' }, warn }),
      ],
      { data },
    );
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/never saw the metric 'accuracy'.*reported were: validationAccuracy/),
    );
    const { images, labels } = tinyBatch(4, 1);
    await expect(
      train([
        validation({ images, labels }),
        checkpoint({ directory: newPath(''), keepBest: { count: 1, metric: 'accuracy' } }),
      ]),
    ).rejects.toThrow(/nobody reports the metric 'accuracy'/);
  });

  it('sets a damaged old checkpoint aside and trains on', async () => {
    const directory = newPath('');
    const warn = vi.fn();
    const keep = () => checkpoint({ directory, resume: true, keepLast: 3, keepBest: { count: 1 }, warn });
    const values = [0.9, 0.1, 0.2, 0.3, 0.4];
    await train([reporting(values), stopAfter(17), keep()], { data });
    writeFileSync(join(directory, 'step-000000005.ckpt'), 'x');
    const summary = await train([reporting(values), keep()], { data });
    expect(summary).toMatchObject({ reason: 'completed', steps: 25 });
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/step-000000005\.ckpt' cannot be used.*set aside/),
    );
    expect(readdirSync(directory)).toContain('step-000000005.ckpt.corrupt');
  });

  it('one that is damaged while the training runs does not end it either', async () => {
    const directory = newPath('');
    const damage: Callback = {
      name: 'damage',
      stepEnd(run) {
        if (run.step === 12) writeFileSync(join(directory, 'step-000000005.ckpt'), 'x');
      },
    };
    const summary = await train(
      [
        damage,
        reporting([0.9, 0.1, 0.2, 0.3, 0.4]),
        checkpoint({ directory, keepLast: 1, keepBest: { count: 1 } }),
      ],
      { data },
    );
    expect(summary).toMatchObject({ reason: 'completed' });
  });
});

describe('long trainings', () => {
  const steps = 200_000;
  /** A recorder that has seen so many steps. */
  function seasoned() {
    const record = recorder();
    const { history } = record;
    for (let step = 0; step < steps; step++) {
      for (const name of [
        'step',
        'epoch',
        'loss',
        'learningRate',
        'momentum',
        'weightDecay',
        'seconds',
        'dataSeconds',
      ] as const) {
        history[name].push(step / 3);
      }
    }
    history.metrics.validationLoss = Array.from({ length: steps }, (_, step) => ({ step, value: 1 / step }));
    return record;
  }

  it('a recorder resumes beyond what the arguments of a call can hold', async () => {
    const [before, after] = [seasoned(), recorder()];
    await after.restore!(await before.state!());
    expect(after.history.loss).toHaveLength(steps);
    expect(after.history.loss.at(-1)).toBe(before.history.loss.at(-1));
    expect(after.history.metrics.validationLoss!.at(-1)).toEqual({ step: steps - 1, value: 1 / (steps - 1) });
  });

  it('its history costs a checkpoint 8 bytes a number, and the header nothing', async () => {
    const directory = newPath('');
    await train([recorder(), checkpoint({ directory })]);
    const snapshot = await readCheckpoint((await listCheckpoints(directory)).at(-1)!.path);
    const short = encodeCheckpoint(snapshot);
    const recorded = await seasoned().state!();
    const long = encodeCheckpoint({ ...snapshot, callbacks: { recorder: recorded } });
    expect(long.length - short.length).toBeLessThan(10 * steps * 8 + 1000);
    expect(long.readUInt32LE(12) - short.readUInt32LE(12)).toBeLessThan(400);
  });
});

describe('who decides the final weights', () => {
  it('one callback may; two are refused before the first step', () => {
    const average = weightAverage({ kind: 'swa' });
    expect(() => train([average, earlyStopping({})])).toThrow(
      /'weightAverage' and 'earlyStopping' would each choose/,
    );
    expect(() => train([earlyStopping({}), average])).toThrow(/would each choose/);
  });
  it('what measures the final weights stands before who chooses them', () => {
    const { images, labels } = tinyBatch(4, 1);
    const atEnd = validation({ images, labels, atEnd: true });
    expect(() => train([weightAverage({ kind: 'swa' }), atEnd])).toThrow(
      /'validation' measures the final weights, which 'weightAverage' chooses: put it before/,
    );
  });
  it('the average is taken where earlyStopping only stops, and may be what it watches', async () => {
    const { images, labels } = tinyBatch(40, 5);
    const keep = keepStates();
    const model = tinyNet();
    const record = recorder();
    const average = weightAverage({
      kind: 'ema',
      halfLife: 3,
      everySteps: 1,
      validation: { images, labels },
    });
    const plain = tinyNet();
    await train([], { model: plain, data: tinySource({ epochs: 4 }) });
    const summary = await train(
      [
        record,
        validation({ images, labels, atEnd: true }),
        average,
        earlyStopping({ metric: 'averagedValidationLoss', restoreBest: false, patience: 99 }),
        keep,
      ],
      { model, data: tinySource({ epochs: 4 }) },
    );
    expect(summary).toMatchObject({ reason: 'completed', steps: 20 });
    // The training itself went on as if nothing had been measured.
    const reference = keepStates();
    await train([reference], { data: tinySource({ epochs: 4 }) });
    expect(keep.states.at(-1)).toEqual(reference.states.at(-1));
    expect(weightsOf(model)[0]).toEqual(average.average()![0]!.data);
    const averaged = record.history.metrics.averagedValidationLoss!;
    expect(averaged.map(({ step }) => step)).toEqual([5, 10, 15, 20]);
    // The last of them is what the final net is measured at.
    expect(averaged.at(-1)!.value).toBeCloseTo(summary.metrics.validationLoss!, 5);
    expect(averaged[0]!.value).not.toBe(record.history.metrics.validationLoss![0]!.value);
  });
});

describe('headers that make no sense under a valid checksum', () => {
  /** Changes one value somewhere in the header to something odd, and signs the file again. */
  function mutate(bytes: Buffer, random: RandomGenerator): Buffer {
    const length = bytes.readUInt32LE(12);
    const header = JSON.parse(bytes.toString('utf8', 16, 16 + length));
    const places: [Record<string, unknown>, string][] = [];
    const visit = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) {
        places.push([value as Record<string, unknown>, key]);
        visit((value as Record<string, unknown>)[key]);
      }
    };
    visit(header);
    const pick = <T>(list: readonly T[]): T => list[uniformInteger(random, 0, list.length - 1)]!;
    const [parent, key] = pick(places);
    const odd = [
      null,
      -1,
      0.5,
      1e15,
      'x',
      '',
      true,
      [],
      {},
      [null],
      { $number: 'NaN' },
      { $number: 'x' },
      undefined,
    ];
    parent[key] = pick(odd);
    const text = Buffer.from(JSON.stringify(header));
    const padded = Math.ceil(text.length / 8) * 8;
    const start = Buffer.alloc(16 + padded, ' ');
    bytes.copy(start, 0, 0, 16);
    start.writeUInt32LE(padded, 12);
    text.copy(start, 16);
    const body = Buffer.concat([start, bytes.subarray(16 + length, -32)]);
    return Buffer.concat([body, createHash('sha256').update(body).digest()]);
  }

  it('are refused with a typed error, or make sense after all (1,500 mutations)', async () => {
    const directory = newPath('');
    await train([recorder(), earlyStoppingQuiet(), checkpoint({ directory })]);
    const bytes = readFileSync((await listCheckpoints(directory)).at(-1)!.path);
    const random = stream(1, 'mutations');
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const damaged = mutate(bytes, random);
      try {
        decodeCheckpoint(damaged, 'file');
      } catch (error) {
        expect(error).toBeInstanceOf(TrainError);
        expect(error).toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });

  it('lead back to the checkpoint before, also where only a callback finds the fault (60 mutations)', async () => {
    const directory = newPath('');
    const callbacks = (folder: string, resume = false) => [
      recorder(),
      csvLog({ path: newPath('.csv') }),
      earlyStoppingQuiet(),
      checkpoint({ directory: folder, resume, everySteps: 2, warn: quiet }),
    ];
    await train([...callbacks(directory).slice(0, 3), stopAfter(4), callbacks(directory)[3]!]);
    const files = await listCheckpoints(directory);
    expect(files.map(({ step }) => step)).toEqual([2, 4]);
    const [older, newer] = files.map(({ path }) => readFileSync(path));
    const random = stream(2, 'mutations');
    const outcomes: Record<string, number> = {};
    for (let i = 0; i < 60; i++) {
      const folder = newPath('');
      mkdirSync(folder);
      writeFileSync(join(folder, 'step-000000002.ckpt'), older!);
      writeFileSync(join(folder, 'step-000000004.ckpt'), mutate(newer!, random));
      const outcome = await train([...callbacks(folder, true), stopAfter(5)])
        .then(({ resumedFrom }) => `resumed from ${resumedFrom}`)
        .catch((error) => error.code as string);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    // Sound after all, fallen back, or the identity or the shapes of another training.
    const known = ['resumed from 4', 'resumed from 2', 'CHECKPOINT_MISMATCH', 'STATE_MISMATCH'];
    expect(Object.keys(outcomes).filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(outcomes['resumed from 2']).toBeGreaterThan(10);
  }, 120_000);
});

/** Watches a metric that comes at every step. */
function earlyStoppingQuiet(): Callback {
  const stop = earlyStopping({ metric: 'own', mode: 'max', patience: 1000 });
  const { reports: _unknown, stepEnd, ...rest } = stop;
  return {
    ...rest,
    async stepEnd(run, result) {
      run.report({ own: run.step });
      await stepEnd!(run, result);
    },
    trainBegin: () => undefined,
  };
}
