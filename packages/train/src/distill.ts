import type { Batch, BatchSource } from '@mnist/dataset';
import { share as shareCheck } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { check } from './_options.js';
import { TrainError } from './train-error.js';

/**
 * What the student learns from: float32 images [count, height, width, channels], as the source prepared them, to
 * probabilities [count, classes].
 */
export type Teacher = (
  images: NdArray<Float32Array>,
) => NdArray<Float32Array> | Promise<NdArray<Float32Array>>;

export interface DistillOptions {
  /** Weight of the labels in the targets, 0 to 1; the rest is the teachers'. Default 0: the labels are not used. */
  readonly labelShare?: number;
}

/** A batch with a probability of every class for each image, which engines prefer to the labels. */
export interface DistilledBatch extends Batch {
  /** [size, classes] */
  readonly targets: NdArray<Float32Array>;
}

/** A `BatchSource` whose batches carry targets. */
export interface DistilledSource extends BatchSource {
  iterate(start?: number): AsyncIterable<DistilledBatch>;
}

/**
 * The same batches with the teachers' mean probabilities as targets, on the very views that the student sees, mixed with the
 * labels (Hinton, Vinyals & Dean 2015; consistent views: Beyer et al. 2022). Several teachers make a committee.
 *
 * @throws TrainError INVALID_OPTION; INVALID_BATCH, while iterating, for a teacher whose answers are not probabilities
 */
export function distill(
  source: BatchSource,
  teacher: Teacher | readonly Teacher[],
  options: DistillOptions = {},
): DistilledSource {
  const { labelShare } = check.complete('distill', options, { labelShare: 0 }, { labelShare: shareCheck });
  const teachers = [teacher].flat() as readonly Teacher[];
  if (teachers.length === 0 || teachers.some((one) => typeof one !== 'function')) {
    throw new TrainError(
      'INVALID_OPTION',
      'distill: a teacher is a function from images to probabilities; expected one, or a list of at least one.',
    );
  }
  return {
    batchSize: source.batchSize,
    batchesPerEpoch: source.batchesPerEpoch,
    totalBatches: source.totalBatches,
    imageShape: source.imageShape,
    async *iterate(start = 0) {
      for await (const batch of source.iterate(start)) {
        const answers: NdArray<Float32Array>[] = [];
        for (const ask of teachers) answers.push(await ask(batch.images));
        yield { ...batch, targets: mix(answers, batch, labelShare) };
      }
    },
  };
}

function mix(
  answers: readonly NdArray<Float32Array>[],
  { images, labels }: Batch,
  labelShare: number,
): NdArray<Float32Array> {
  const count = images.shape[0]!;
  const classes = answers[0]!.shape[1]!;
  const odd = answers.findIndex(({ shape }) => shape.join() !== [count, classes].join());
  if (odd >= 0) {
    throw new TrainError(
      'INVALID_BATCH',
      `distill: teacher ${odd} answered with shape [${answers[odd]!.shape.join(', ')}] for ${count} images; expected probabilities [${count}, ${classes || 'classes'}].`,
    );
  }
  const targets = ndarray(new Float32Array(count * classes), [count, classes]);
  for (let n = 0; n < count; n++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      let mean = 0;
      for (const answer of answers) mean += answer.get(n, k) / answers.length;
      sum += mean;
      const label = labels.get(n) === k ? labelShare : 0;
      targets.set(n, k, label + (1 - labelShare) * mean);
    }
    if (!(Math.abs(sum - 1) <= 1e-3)) {
      throw new TrainError(
        'INVALID_BATCH',
        `distill: the teachers' answers for image ${n} of the batch sum to ${sum}; probabilities sum to 1. A net's logits need a softmax first.`,
      );
    }
  }
  return targets;
}
