import { callback, integer, signal as signalCheck } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { readImages, sliceImages } from './_read-images.js';
import { readLabels } from './_read-labels.js';
import { readProbabilities } from './_read-probabilities.js';
import { type Accuracy, accuracy } from './accuracy.js';
import { type AccuracyInterval, accuracyInterval, confidenceCheck } from './accuracy-interval.js';
import type { Classifier, Labels, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';

/** Images with their labels; a `Batch` of @mnist/dataset is one. */
export interface LabelledImages {
  /** float32, NHWC [count, height, width, channels] */
  readonly images: NdArray<Float32Array>;
  /** [count] */
  readonly labels: Labels;
}

export interface EvaluateOptions {
  /** Of the interval. Default 0.95. */
  readonly confidence?: number;
  /** Images classified at once when the source is one pair of arrays. Default 1000. */
  readonly batchSize?: number;
  /** Called after each batch with the number of images done; `total` is undefined for a stream. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Stops between two batches; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Evaluation extends Accuracy {
  /** The classifier's name. */
  readonly name: string;
  /** Wilson interval of the accuracy. */
  readonly interval: AccuracyInterval;
  /** float32, [count, classes]: keep them, and every other figure needs no classifier. */
  readonly probabilities: Probabilities;
  /** [count] */
  readonly labels: Uint16Array;
}

/**
 * Classifies labelled images and counts. Every image counts, an incomplete last batch included.
 *
 * @param source one pair of arrays, or a stream of batches (each is read before the next is asked for)
 */
export async function evaluate(
  classifier: Classifier,
  source: LabelledImages | Iterable<LabelledImages> | AsyncIterable<LabelledImages>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { confidence, batchSize, onProgress, signal } = check.complete<
    EvaluateOptions & { confidence: number; batchSize: number }
  >(
    'evaluate',
    options,
    { confidence: 0.95, batchSize: 1000 },
    {
      confidence: confidenceCheck,
      batchSize: integer({ min: 1 }),
      onProgress: callback,
      signal: signalCheck,
    },
  );
  const isPair = 'images' in source;
  const total = isPair ? source.images?.shape?.[0] : undefined;
  const parts: { data: ArrayLike<number>; labels: Uint16Array }[] = [];
  let count = 0;
  for await (const batch of isPair ? split(source, classifier.classCount, batchSize) : source) {
    signal?.throwIfAborted();
    const images = readImages(batch.images);
    const size = images.shape[0]!;
    const labels = Uint16Array.from(readLabels(batch.labels, size, classifier.classCount));
    const rows = readProbabilities(await classifier.classify(images), `output of "${classifier.name}"`);
    if (rows.count !== size || rows.classCount !== classifier.classCount) {
      throw new EnsembleError(
        'SHAPE_MISMATCH',
        `"${classifier.name}" gave [${rows.count}, ${rows.classCount}] for ${size} images; expected [${size}, ${classifier.classCount}].`,
      );
    }
    parts.push({ data: rows.data.slice(), labels });
    count += size;
    onProgress?.(count, total);
  }
  const probabilities = new Float32Array(count * classifier.classCount);
  const labels = new Uint16Array(count);
  let at = 0;
  for (const part of parts) {
    probabilities.set(part.data, at * classifier.classCount);
    labels.set(part.labels, at);
    at += part.labels.length;
  }
  const table = ndarray(probabilities, [count, classifier.classCount]);
  const score = accuracy(table, labels);
  return {
    name: classifier.name,
    ...score,
    interval: accuracyInterval(score.correct, count, { confidence }),
    probabilities: table,
    labels,
  };
}

function* split(pair: LabelledImages, classCount: number, batchSize: number): Generator<LabelledImages> {
  const images = readImages(pair.images);
  const count = images.shape[0]!;
  const labels = Uint16Array.from(readLabels(pair.labels, count, classCount));
  for (let from = 0; from < count; from += batchSize) {
    const to = Math.min(from + batchSize, count);
    yield { images: sliceImages(images, from, to), labels: labels.subarray(from, to) };
  }
}
