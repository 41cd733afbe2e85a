import { number } from '@mnist/kit';
import { check } from './_options.js';
import { progressBar } from './callbacks/progress-bar.js';
import { recorder, type TrainingHistory } from './callbacks/recorder.js';
import { validation } from './callbacks/validation.js';
import type { EvaluationSet } from './evaluate-session.js';
import { oneCycle } from './schedules/one-cycle.js';
import { Trainer } from './trainer.js';
import type { TrainerOptions, TrainOptions } from './trainer-options.js';
import type { TrainingSummary } from './training-summary.js';

export interface FitModelOptions extends Omit<TrainerOptions, 'learningRate' | 'now'>, TrainOptions {
  /** Highest learning rate of a one-cycle schedule over the whole training. Default 1e-3. */
  readonly maxLearningRate?: number;
  /** Replaces the one-cycle schedule. */
  readonly learningRate?: TrainerOptions['learningRate'];
  /** Measured after every epoch. Default: none. */
  readonly validationSet?: EvaluationSet;
  /** Show a progress bar on stderr. Default true. */
  readonly progress?: boolean;
}

export interface FitModelResult {
  readonly summary: TrainingSummary;
  readonly history: TrainingHistory;
}

/**
 * The common case in one call: a `Trainer` with a one-cycle schedule, a recorder, validation and a progress bar. Whatever
 * it takes beyond that goes to the `Trainer` as it is.
 */
export async function fitModel(options: FitModelOptions): Promise<FitModelResult> {
  check.refuseUnknown('fitModel', options, [
    'model',
    'engine',
    'data',
    'learningRate',
    'maxLearningRate',
    'momentum',
    'weightDecay',
    'loss',
    'optimizer',
    'callbacks',
    'seed',
    'signal',
    'validationSet',
    'progress',
  ]);
  const { maxLearningRate = 1e-3, validationSet, progress = true, signal, callbacks = [], ...rest } = options;
  check.require('fitModel', 'maxLearningRate', maxLearningRate, number({ above: 0 }));
  const record = recorder();
  const trainer = new Trainer({
    ...rest,
    learningRate:
      options.learningRate ??
      oneCycle({ max: maxLearningRate, steps: Math.max(options.data.totalBatches, 2) }),
    callbacks: [
      record,
      ...(validationSet ? [validation(validationSet)] : []),
      ...callbacks,
      ...(progress ? [progressBar()] : []),
    ],
  });
  const summary = await trainer.train({ signal });
  return { summary, history: record.history };
}
