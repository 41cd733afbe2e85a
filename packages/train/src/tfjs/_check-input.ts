import type { Batch } from '@mnist/dataset';
import type { NdArray } from 'ndarray';
import type { Hyperparameters } from '../engine.js';
import { TrainError } from '../train-error.js';

export function checkHyperparameters({ learningRate, momentum, weightDecay }: Hyperparameters): void {
  const refuse = (name: string, value: unknown, expected: string) => {
    throw new TrainError('INVALID_HYPERPARAMETER', `${name} is ${String(value)}; it must be ${expected}.`);
  };
  if (!(Number.isFinite(learningRate) && learningRate >= 0)) {
    refuse('learningRate', learningRate, 'a finite number, at least 0');
  }
  if (!(momentum >= 0 && momentum < 1)) refuse('momentum', momentum, 'at least 0 and below 1');
  if (!(Number.isFinite(weightDecay) && weightDecay >= 0)) {
    refuse('weightDecay', weightDecay, 'a finite number, at least 0');
  }
}

/** `imageShape`: [height, width, channels] */
export function checkImages(images: NdArray<Float32Array>, imageShape: readonly number[]): void {
  const [, ...found] = images.shape;
  if (images.shape.length !== 4 || found.join() !== imageShape.join()) {
    throw new TrainError(
      'INVALID_BATCH',
      `The images have shape [${images.shape.join(', ')}]; the model takes [count, ${imageShape.join(', ')}].`,
    );
  }
}

export function checkBatch(
  { images, labels }: Pick<Batch, 'images' | 'labels'>,
  batchSize: number,
  imageShape: readonly number[],
  classes: number,
): void {
  checkImages(images, imageShape);
  if (images.shape[0] !== batchSize) {
    throw new TrainError(
      'INVALID_BATCH',
      `The batch has ${images.shape[0]} images; the session was opened for ${batchSize}. Drop the incomplete last batch.`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== batchSize) {
    throw new TrainError(
      'INVALID_BATCH',
      `The labels have shape [${labels.shape.join(', ')}]; ${batchSize} images need [${batchSize}].`,
    );
  }
  for (let i = 0; i < batchSize; i++) {
    const label = labels.get(i);
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new TrainError(
        'INVALID_BATCH',
        `Label ${i} of the batch is ${label}; the model has the classes 0 to ${classes - 1}.`,
      );
    }
  }
}
