import type { BatchSource } from '@mnist/dataset';
import type { NamedTensor } from '@mnist/engine';
import { integer, number, oneOf, text } from '@mnist/kit';
import { check } from '../_options.js';
import { checkEvaluationSet, type EvaluationSet, evaluateSession } from '../evaluate-session.js';
import { reestimateStatistics } from '../reestimate-statistics.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Callback } from './callback.js';

export type WeightAverageOptions = (
  | {
      /** Exponential moving average (Polyak & Juditsky 1992). */
      readonly kind: 'ema';
      /** Steps after which a state's weight has halved. */
      readonly halfLife: number;
    }
  | {
      /** Plain mean of the states (stochastic weight averaging, Izmailov et al. 2018). */
      readonly kind: 'swa';
    }
) & {
  /** First step (number of steps taken) that is averaged. Default 0: from the start. */
  readonly startStep?: number;
  /** Take a state every so many steps; each costs a copy of all weights and moments. Default 10. */
  readonly everySteps?: number;
  /** Batches over which the batch-norm statistics are estimated for the averaged weights; 0 keeps the last ones. Default 100. */
  readonly reestimateBatches?: number;
  /** Where those batches come from. Default: the training data, from its start. */
  readonly data?: BatchSource;
  /**
   * Measures the averaged weights after epochs, their batch-norm statistics estimated anew each time; the training goes on
   * with its own weights. Reports `<name>Loss` and `<name>Accuracy`. Default: not measured.
   */
  readonly validation?: EvaluationSet & {
    /** Default 1. */
    readonly everyEpochs?: number;
    /** Default `averagedValidation`. */
    readonly name?: string;
  };
};

export interface WeightAverage extends Callback {
  /** The average so far, in the order of the model's trainable weights; undefined before `startStep`. */
  average(): readonly NamedTensor[] | undefined;
}

/**
 * Averages the parameters over the training and gives the model the average when the training ends by itself; after an
 * abort, a divergence or a loop that was left, the model keeps its own weights.
 */
export function weightAverage(options: WeightAverageOptions): WeightAverage {
  check.require('weightAverage', 'kind', options?.kind, oneOf('ema', 'swa'));
  const { startStep, everySteps, reestimateBatches } = check.complete(
    'weightAverage',
    options,
    {
      kind: undefined,
      ...(options.kind === 'ema' && { halfLife: Number.NaN }),
      startStep: 0,
      everySteps: 10,
      reestimateBatches: 100,
      data: undefined,
      validation: undefined,
    },
    {
      startStep: integer({ min: 0 }),
      everySteps: integer({ min: 1 }),
      reestimateBatches: integer({ min: 0 }),
      ...(options.kind === 'ema' && { halfLife: number({ above: 0 }) }),
    },
  );
  const measured = options.validation && checkValidation(options.validation);

  let average: readonly NamedTensor[] | undefined;
  let count = 0;
  let restored = false;

  const include = async (run: TrainingRun) => {
    const { parameters } = await run.session.state();
    count++;
    if (!average) {
      average = parameters;
      return;
    }
    const share = options.kind === 'ema' ? 1 - 0.5 ** (everySteps / options.halfLife) : 1 / count;
    for (const [i, { data }] of parameters.entries()) {
      const mean = average[i]!.data;
      for (let k = 0; k < data.length; k++) mean[k]! += share * (data[k]! - mean[k]!);
    }
  };
  /** Puts the average into the session. */
  const take = async (run: TrainingRun, parameters: readonly NamedTensor[]) => {
    await run.session.restore({ ...(await run.session.state()), parameters });
    if (reestimateBatches > 0) {
      await reestimateStatistics(run.session, options.data ?? run.data, { batches: reestimateBatches });
    }
  };

  return {
    name: 'weightAverage',
    reports: measured ? [`${measured.name}Loss`, `${measured.name}Accuracy`] : [],
    choosesFinalWeights: true,
    identity: {
      kind: options.kind,
      startStep,
      everySteps,
      ...(options.kind === 'ema' && { halfLife: options.halfLife }),
    },
    average: () => average,
    trainBegin() {
      if (!restored) [average, count] = [undefined, 0];
      restored = false;
    },
    async stepEnd(run) {
      if (run.step >= startStep && (run.step - startStep) % everySteps === 0) await include(run);
    },
    async epochEnd(run, epoch) {
      if (!measured || !average || (epoch + 1) % measured.everyEpochs !== 0) return;
      const own = await run.session.state();
      try {
        await take(run, average);
        const { loss, accuracy } = await evaluateSession(run.session, measured.set);
        run.report({ [`${measured.name}Loss`]: loss, [`${measured.name}Accuracy`]: accuracy });
      } finally {
        await run.session.restore(own);
      }
    },
    async trainEnd(run, { reason }) {
      if (['aborted', 'left', 'diverged'].includes(reason)) return;
      if (!average) {
        throw new TrainError(
          'INVALID_OPTION',
          `weightAverage took no state: startStep is ${startStep}, but the training ended after ${run.step} steps.`,
        );
      }
      await take(run, average);
    },
    state: () => ({
      json: { count },
      tensors: average && { average: average.map((tensor) => ({ ...tensor, data: tensor.data.slice() })) },
    }),
    restore({ json, tensors }) {
      const saved = json as { count: number };
      if (!Number.isInteger(saved.count) || saved.count > 0 !== (tensors?.average !== undefined)) {
        throw new Error('no state of weightAverage');
      }
      ({ count } = saved);
      average = tensors?.average;
      restored = true;
    },
  };
}

function checkValidation(validation: NonNullable<WeightAverageOptions['validation']>) {
  const where = 'weightAverage: validation';
  checkEvaluationSet(where, validation);
  const { everyEpochs, name } = check.complete(
    where,
    validation,
    { images: undefined, labels: undefined, everyEpochs: 1, name: 'averagedValidation' },
    { everyEpochs: integer({ min: 1 }), name: text },
  );
  return { everyEpochs, name, set: { images: validation.images, labels: validation.labels } };
}
