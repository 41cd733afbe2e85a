import { batches, type ImageDataset, type ImageTransform } from '@mnist/dataset';
import type { TrainingSession } from '@mnist/engine';
import { classifierFrom, type Evaluation, evaluate } from '@mnist/ensemble';

export interface ClassifyOptions {
  /** For reports. */
  readonly name: string;
  /** The view that the net is tested with. */
  readonly view: ImageTransform;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Runs a net over a whole data set, last partial batch included. */
export async function classifyDataset(
  session: TrainingSession,
  dataset: ImageDataset,
  options: ClassifyOptions,
): Promise<Evaluation> {
  const { name, view, onProgress, signal } = options;
  const total = dataset.labels.shape[0]!;
  const source = batches(dataset, { batchSize: 500, shuffle: false, dropLast: false, transform: view });
  const classifier = classifierFrom({
    name,
    classCount: dataset.classNames.length,
    predict: (images) => session.predict(images),
  });
  return evaluate(classifier, source, { signal, onProgress: (done) => onProgress?.(done, total) });
}
