import { callback, integer, oneOf, required, text } from '@mnist/kit';
import ndarray, { type NdArray } from 'ndarray';
import { readImages, sliceImages } from './_read-images.js';
import { readProbabilities } from './_read-probabilities.js';
import type { Classifier, Probabilities } from './classifier.js';
import { check, EnsembleError } from './ensemble-error.js';
import { softmax } from './softmax.js';

export interface ClassifierFromOptions {
  /** Shown in reports. */
  readonly name: string;
  /** Number of classes, at least 2. */
  readonly classCount: number;
  /**
   * Images, float32 NHWC and contiguous, to logits, float32 [count, classes]: a `TrainingSession.predict` of
   * @mnist/train, an ONNX session, a remote call.
   */
  readonly predict: (images: NdArray<Float32Array>) => Promise<NdArray<Float32Array>> | NdArray<Float32Array>;
  /** Images passed to `predict` at once; the last call gets the rest. Default 500. */
  readonly batchSize?: number;
  /** What `predict` returns. Default `logits`: a softmax is applied. */
  readonly output?: 'logits' | 'probabilities';
  /** Applied to each batch before `predict`: a crop, a normalisation. Default: none. */
  readonly view?: (images: NdArray<Float32Array>) => NdArray<Float32Array>;
}

/** Makes a `Classifier` of anything that predicts logits. */
export function classifierFrom(options: ClassifierFromOptions): Classifier {
  const { name, classCount, predict, batchSize, output, view } = check.complete<
    ClassifierFromOptions & { batchSize: number }
  >(
    'classifierFrom',
    options,
    { batchSize: 500, output: 'logits' },
    {
      name: required(text),
      classCount: required(integer({ min: 2, max: 65_535 })),
      predict: required(callback),
      batchSize: integer({ min: 1 }),
      output: oneOf('logits', 'probabilities'),
      view: callback,
    },
  );
  return {
    name,
    classCount,
    async classify(images): Promise<Probabilities> {
      const whole = readImages(images);
      const count = whole.shape[0]!;
      const result = new Float32Array(count * classCount);
      for (let from = 0; from < count; from += batchSize) {
        const to = Math.min(from + batchSize, count);
        const slice = sliceImages(whole, from, to);
        const scores = await predict(view ? readImages(view(slice), `view of "${name}"`) : slice);
        if (scores?.shape?.length !== 2 || scores.shape[0] !== to - from || scores.shape[1] !== classCount) {
          throw new EnsembleError(
            'SHAPE_MISMATCH',
            `"${name}": predict gave shape [${scores?.shape?.join(', ')}] for ${to - from} images; expected [${to - from}, ${classCount}].`,
          );
        }
        const rows =
          output === 'logits' ? softmax(scores).data : readProbabilities(scores, `output of "${name}"`).data;
        result.set(rows, from * classCount);
      }
      return ndarray(result, [count, classCount]);
    },
  };
}
