import type { Batch, BatchSource } from '@mnist/dataset';
import type { Engine, Loss, Optimizer, TrainingSession } from '@mnist/engine';
import { integer, number } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { check } from './_options.js';
import { exponential } from './schedules/exponential.js';
import { smoothSeries } from './smooth-series.js';
import { type LrFindStrategy, suggestLearningRates } from './suggest-learning-rates.js';
import { TrainError } from './train-error.js';

/** How the sweep runs; the defaults are those of the 99.82 % experiment. */
export interface LrFindSweep {
  /** Training batches; read from their start, and again from there where they are fewer than `steps`. */
  readonly data: BatchSource;
  /** First learning rate. Default 1e-6. */
  readonly from?: number;
  /** Powers of ten that the sweep covers. Default 7. */
  readonly decades?: number;
  /** Steps of the whole sweep, at least 2. Default 500. */
  readonly steps?: number;
  /** Default 0.9. */
  readonly momentum?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** Half-life of the smoothed loss, in steps. Default 10. */
  readonly halfLife?: number;
  /** Stop once a batch's loss is over 4 times the best, over 2, and more than 50 steps are taken. Default true. */
  readonly stopEarly?: boolean;
  /** Ends the sweep after the step in progress; what was swept is returned. */
  readonly signal?: AbortSignal;
  readonly onStep?: (point: LrFindPoint) => void;
}

/** Either an open session, which gets its state back, or a model and an engine, which open one of their own. */
export type LrFindOptions = LrFindSweep &
  (
    | { readonly session: TrainingSession }
    | {
        readonly model: LayersModel;
        readonly engine: Engine;
        readonly loss?: Loss;
        readonly optimizer?: Optimizer;
        readonly seed?: number;
      }
  );

export interface LrFindPoint {
  readonly step: number;
  readonly learningRate: number;
  /** Loss of one batch. */
  readonly loss: number;
}

export interface LrFindResult {
  /** `smoothedLoss`: see `smoothSeries`. Plain data, ready for a plot. */
  readonly points: readonly (LrFindPoint & { readonly smoothedLoss: number })[];
  /** Undefined where the curve is too short or never falls. */
  readonly suggestions: Readonly<Record<LrFindStrategy, number | undefined>>;
  readonly stoppedEarly: boolean;
}

const sweepNames = [
  'data',
  'from',
  'decades',
  'steps',
  'momentum',
  'weightDecay',
  'halfLife',
  'stopEarly',
  'signal',
  'onStep',
];

/**
 * Trains with an exponentially rising learning rate and records the loss (Smith 2017). Afterwards everything is as it was,
 * byte for byte: weights, moments, running statistics and step are restored, and the data and dropout streams depend on
 * the step alone. The model's own weights are never touched.
 */
export async function lrFind(options: LrFindOptions): Promise<LrFindResult> {
  if ('session' in options) {
    check.refuseUnknown('lrFind', options, [...sweepNames, 'session']);
    const before = await options.session.state();
    try {
      return await sweep(options.session, options);
    } finally {
      await options.session.restore(before);
    }
  }
  check.refuseUnknown('lrFind', options, [...sweepNames, 'model', 'engine', 'loss', 'optimizer', 'seed']);
  const { model, engine, data, loss, optimizer, seed } = options;
  if (!model || !engine || !data) {
    throw new TrainError(
      'INVALID_OPTION',
      "lrFind needs 'data', and a 'session' or a 'model' and an 'engine'.",
    );
  }
  const session = await engine.open(model, { batchSize: data.batchSize, loss, optimizer, seed });
  try {
    return await sweep(session, options);
  } finally {
    await session.dispose();
  }
}

async function sweep(session: TrainingSession, options: LrFindSweep): Promise<LrFindResult> {
  const { data, from = 1e-6, decades = 7, steps = 500, halfLife = 10, stopEarly = true } = options;
  const { momentum = 0.9, weightDecay = 0 } = options;
  check.require('lrFind', 'from', from, number({ above: 0 }));
  check.require('lrFind', 'decades', decades, number({ above: 0 }));
  check.require('lrFind', 'steps', steps, integer({ min: 2 }));
  check.require('lrFind', 'halfLife', halfLife, number({ above: 0 }));
  const learningRateAt = exponential({ from, to: from * 10 ** decades, steps });
  const points: LrFindPoint[] = [];
  let best = Number.POSITIVE_INFINITY;
  let stoppedEarly = false;
  for await (const batch of endlessly(data)) {
    const step = points.length;
    const learningRate = learningRateAt(step);
    const { loss } = await session.step(batch, { learningRate, momentum, weightDecay });
    if (!Number.isFinite(loss)) {
      stoppedEarly = true;
      break;
    }
    points.push({ step, learningRate, loss });
    options.onStep?.(points.at(-1)!);
    best = Math.min(best, loss);
    stoppedEarly = stopEarly && loss > 4 * best && loss > 2 && step > 50;
    if (stoppedEarly || points.length === steps || options.signal?.aborted) break;
  }
  const smoothed = smoothSeries(
    points.map(({ loss }) => loss),
    { halfLife },
  );
  const curve = points.map((point, i) => ({ ...point, smoothedLoss: smoothed[i]! }));
  return { points: curve, suggestions: suggestLearningRates(curve), stoppedEarly };
}

async function* endlessly(data: BatchSource): AsyncGenerator<Batch> {
  if (data.totalBatches < 1) throw new TrainError('INVALID_OPTION', 'lrFind: the data has no batches.');
  for (;;) yield* data.iterate(0);
}
