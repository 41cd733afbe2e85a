import { parallelLoader } from '@mnist/augment';
import { type BatchSource, batches, type ImageDataset, planBatches } from '@mnist/dataset';
import type { Engine } from '@mnist/engine';
import {
  annihilate,
  type Callback,
  exponential,
  oneCycle,
  recorder,
  type Schedule,
  Trainer,
  type TrainingHistory,
  type TrainingSummary,
  weightAverage,
} from '@mnist/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { MemberConfig } from './config.js';
import { transformsOf } from './transforms.js';

export interface TrainNetOptions {
  readonly engine: Engine;
  readonly config: Pick<
    MemberConfig,
    | 'epochs'
    | 'annihilationEpochs'
    | 'batchSize'
    | 'schedule'
    | 'momentum'
    | 'weightDecay'
    | 'augmentation'
    | 'weightAverage'
  >;
  /** Decides the order of the images, their distortions and the dropout. */
  readonly seed: number;
  /** Threads that distort images ahead of the training; the images are the same for any number. Default 0: in between steps. */
  readonly loaders?: number;
  /** What the net learns from instead of the labels: the same batches with targets. */
  readonly targets?: (views: BatchSource) => BatchSource;
  readonly callbacks?: readonly Callback[];
  readonly signal?: AbortSignal;
}

export interface TrainedNet extends TrainingSummary {
  /** Of all steps, also those before a resume. */
  readonly history: TrainingHistory;
  /**
   * Seconds that the net's steps took and waited for their images, also those before a resume. What an interruption threw away, and
   * what callbacks took, is not in it.
   */
  readonly seconds: number;
}

/** The experiment's `train`: one net, its schedule and its own distorted view of the digits. */
export async function trainNet(
  model: LayersModel,
  trainSet: ImageDataset,
  options: TrainNetOptions,
): Promise<TrainedNet> {
  const { engine, config, seed, loaders = 0, callbacks = [], signal } = options;
  const plan = { batchSize: config.batchSize, epochs: config.epochs + config.annihilationEpochs, seed };
  const transform = transformsOf(config.augmentation).training;
  const views =
    loaders === 0
      ? batches(trainSet, { ...plan, transform })
      : parallelLoader(trainSet, planBatches(trainSet, plan), { transform, workers: loaders });
  const data = options.targets?.(views) ?? views;
  const record = recorder();
  const average = config.weightAverage;
  const trainer = new Trainer({
    model,
    engine,
    data,
    learningRate: learningRateOf(config, data.batchesPerEpoch),
    momentum: config.momentum,
    weightDecay: config.weightDecay,
    seed,
    callbacks: [
      record,
      ...(average ? [weightAverage({ kind: 'ema', halfLife: average.halfLife })] : []),
      ...callbacks,
    ],
  });
  const summary = await trainer.train({ signal });
  const { history } = record;
  return { ...summary, history, seconds: sum(history.seconds) + sum(history.dataSeconds) };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Learning rate by step: the main schedule, then the annihilation if there is one. */
export function learningRateOf(
  config: Pick<MemberConfig, 'epochs' | 'annihilationEpochs' | 'schedule'>,
  batchesPerEpoch: number,
): Schedule {
  const steps = Math.round(config.epochs * batchesPerEpoch);
  const { schedule } = config;
  const main =
    schedule.kind === 'oneCycle'
      ? oneCycle({ max: schedule.peak, steps, riseFraction: 0.2, startDivisor: 20, endDivisor: 1000 })
      : exponential({ from: schedule.start, to: schedule.end, steps });
  if (config.annihilationEpochs === 0) return main;
  return annihilate(main, { after: steps, steps: Math.round(config.annihilationEpochs * batchesPerEpoch) });
}
