import { flag, integer, seed as seedCheck, stream, text, uniformInteger } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { check } from '../_options.js';
import { checkEvaluationSet, type EvaluationSet, evaluateSession } from '../evaluate-session.js';
import { TrainError } from '../train-error.js';
import type { TrainingRun } from '../training-run.js';
import type { Callback } from './callback.js';

export interface ValidationOptions extends EvaluationSet {
  /** Measure after every so many steps. Default: only after epochs. */
  readonly everySteps?: number;
  /** Measure after every so many epochs. Default 1, or never where `everySteps` is given. */
  readonly everyEpochs?: number;
  /** Measure on so many images only, drawn once without replacement. Default: all. */
  readonly sample?: { readonly count: number; readonly seed: number };
  /** Measure once more when the training ends, on the final weights (averaged or best ones included). Default false. */
  readonly atEnd?: boolean;
  /** Metrics are `<name>Loss` and `<name>Accuracy`. Default `validation`. */
  readonly name?: string;
}

/**
 * Reports loss (softmax cross-entropy) and accuracy (0 ... 1) on held-out images. Put it before callbacks that read the
 * metrics: `earlyStopping`, `checkpoint`, logs.
 */
export function validation(options: ValidationOptions): Callback {
  checkEvaluationSet('validation', options);
  const { everySteps, name, atEnd } = check.complete(
    'validation',
    options,
    {
      images: undefined,
      labels: undefined,
      everySteps: undefined as number | undefined,
      everyEpochs: undefined,
      sample: undefined,
      atEnd: false,
      name: 'validation',
    },
    { everySteps: integer({ min: 1 }), everyEpochs: integer({ min: 1 }), atEnd: flag, name: text },
  );
  const everyEpochs = options.everyEpochs ?? (everySteps === undefined ? 1 : undefined);
  const set = options.sample ? drawSample(options, options.sample) : options;
  const measure = async (run: TrainingRun) => {
    const { loss, accuracy } = await evaluateSession(run.session, set);
    run.report({ [`${name}Loss`]: loss, [`${name}Accuracy`]: accuracy });
  };
  return {
    name,
    reports: [`${name}Loss`, `${name}Accuracy`],
    needsFinalWeights: atEnd,
    async stepEnd(run) {
      if (everySteps !== undefined && run.step % everySteps === 0) await measure(run);
    },
    async epochEnd(run, epoch) {
      if (everyEpochs !== undefined && (epoch + 1) % everyEpochs === 0) await measure(run);
    },
    async trainEnd(run) {
      if (atEnd) await measure(run);
    },
  };
}

/** Partial Fisher-Yates shuffle: `count` distinct images. */
function drawSample(set: EvaluationSet, { count, seed }: { count: number; seed: number }): EvaluationSet {
  const [total, ...imageShape] = set.images.shape as [number, ...number[]];
  check.require('validation', 'sample.count', count, integer({ min: 1 }));
  check.require('validation', 'sample.seed', seed, seedCheck);
  if (count > total) {
    throw new TrainError(
      'INVALID_OPTION',
      `validation: a sample of ${count} cannot be drawn from ${total} images.`,
    );
  }
  const random = stream(seed, 'validation sample');
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  const size = imageShape.reduce((product, length) => product * length, count);
  const sample = ndarray(new Float32Array(size), [count, ...imageShape]);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const other = uniformInteger(random, i, total - 1);
    [order[i], order[other]] = [order[other]!, order[i]!];
    copyImage(set.images.pick(order[i]!), sample.pick(i));
    labels[i] = set.labels.get(order[i]!);
  }
  return { images: sample, labels: ndarray(labels) };
}

/** Element by element, whatever the strides. [height, width, channels] */
function copyImage(from: NdArray<Float32Array>, to: NdArray<Float32Array>): void {
  const [height, width, channels] = from.shape as [number, number, number];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) to.set(y, x, c, from.get(y, x, c));
    }
  }
}
