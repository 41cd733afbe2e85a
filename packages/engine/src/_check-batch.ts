import { show } from '@mnist/kit';
import type { NdArray } from 'ndarray';
import type { ModelShape } from './_check-model.js';
import type { Hyperparameters, TrainingBatch } from './engine.js';
import { EngineError } from './engine-error.js';
import type { FullLoss } from './step-defaults.js';

/** How far the sum of a row of targets may be from 1: sums of float32 probabilities. */
const SUM_TOLERANCE = 1e-3;

/** @throws EngineError `INVALID_HYPERPARAMETER` */
export function checkHyperparameters({ learningRate, momentum, weightDecay }: Hyperparameters): void {
  const refuse = (name: string, value: unknown, expected: string) => {
    throw new EngineError('INVALID_HYPERPARAMETER', `${name} is ${show(value)}; expected ${expected}.`);
  };
  if (!(Number.isFinite(learningRate) && learningRate >= 0)) {
    refuse('learningRate', learningRate, 'a finite number, at least 0');
  }
  if (!(momentum >= 0 && momentum < 1)) refuse('momentum', momentum, 'a number, at least 0 and below 1');
  if (!(Number.isFinite(weightDecay) && weightDecay >= 0)) {
    refuse('weightDecay', weightDecay, 'a finite number, at least 0');
  }
}

/** Throws unless these are float32 images [any, ...imageShape]; returns how many. */
export function checkImages(images: NdArray<Float32Array>, imageShape: readonly number[]): number {
  const [count, ...found] = images.shape;
  if (images.shape.length !== 4 || found.join() !== imageShape.join()) {
    throw invalid(
      `the images have shape [${images.shape.join(', ')}]; expected [count, ${imageShape.join(', ')}]`,
    );
  }
  if (!(images.data instanceof Float32Array)) {
    const kind = (images.data as object).constructor.name;
    throw invalid(`the images are ${kind}; expected Float32Array, normalised as the model wants them`);
  }
  return count!;
}

/**
 * Copies a batch into the buffers of a computation.
 * @returns number of images
 * @throws EngineError `INVALID_BATCH`
 */
export function fillBatch(
  batch: TrainingBatch,
  { imageShape, classes, scarcest }: ModelShape,
  batchSize: number,
  loss: FullLoss,
  buffers: { readonly images: Float32Array; readonly targets: Float32Array },
): number {
  const count = checkImages(batch.images, imageShape);
  if (!(count >= 1 && count <= batchSize)) {
    throw invalid(`the batch has ${count} images; the session was opened for 1 to ${batchSize}`);
  }
  if (scarcest !== undefined && count * scarcest.valuesPerImage < 2) {
    throw invalid(
      `batch normalisation '${scarcest.layer}' sees ${count * scarcest.valuesPerImage} value a channel in a batch of ${count}, ` +
        'and a variance needs 2: take larger batches, or drop the incomplete last one',
    );
  }
  const smoothing = loss.kind === 'softmaxCrossEntropy' ? loss.labelSmoothing : 0;
  // Into a buffer of its own: a batch that is refused must not leave half of itself behind.
  const targets =
    batch.targets === undefined
      ? oneHot(batch.labels, count, classes)
      : distributions(batch.targets, count, classes);
  for (const [i, target] of targets.entries()) {
    buffers.targets[i] = (1 - smoothing) * target + smoothing / classes;
  }
  copyContiguous(batch.images, buffers.images);
  return count;
}

function oneHot(labels: NdArray<Uint8Array>, count: number, classes: number): Float32Array {
  if (labels?.shape?.length !== 1 || labels.shape[0] !== count) {
    throw invalid(`the labels have shape ${show(labels?.shape)}; ${count} images need [${count}]`);
  }
  const targets = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) {
    const label = labels.get(i);
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw invalid(`label ${i} of the batch is ${label}; the model has the classes 0 to ${classes - 1}`);
    }
    targets[i * classes + label] = 1;
  }
  return targets;
}

function distributions(targets: NdArray<Float32Array>, count: number, classes: number): Float32Array {
  if (targets.shape.join() !== [count, classes].join()) {
    throw invalid(`the targets have shape [${targets.shape.join(', ')}]; expected [${count}, ${classes}]`);
  }
  const copy = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const share = targets.get(i, k);
      if (!(share >= 0 && share <= 1 + SUM_TOLERANCE)) {
        throw invalid(`target ${k} of image ${i} is ${share}; expected a probability`);
      }
      copy[i * classes + k] = share;
      sum += share;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw invalid(`the targets of image ${i} sum to ${sum}; expected a distribution, which sums to 1`);
    }
  }
  return copy;
}

/** Copies the elements, in row-major order, to the start of `target`. */
export function copyContiguous(array: NdArray<Float32Array>, target: Float32Array): void {
  const { shape, stride, offset, size, data } = array;
  let dense = 1;
  let inOrder = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== dense) inOrder = false;
    dense *= shape[axis]!;
  }
  if (inOrder) {
    target.set(data.subarray(offset, offset + size));
    return;
  }
  let at = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === shape.length) {
      target[at++] = data[from]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) copy(axis + 1, from + i * stride[axis]!);
  };
  copy(0, offset);
}

const invalid = (message: string): EngineError => new EngineError('INVALID_BATCH', `${message}.`);
