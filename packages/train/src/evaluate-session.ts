import type { TrainingSession } from '@mnist/engine';
import type { NdArray } from 'ndarray';
import { TrainError } from './train-error.js';

/** Images and labels to measure on. */
export interface EvaluationSet {
  /** float32 NHWC [count, height, width, channels], prepared as the net expects them. */
  readonly images: NdArray<Float32Array>;
  /** uint8 class indices, [count] */
  readonly labels: NdArray<Uint8Array>;
}

export interface Evaluation {
  /** Mean softmax cross-entropy, natural logarithm. */
  readonly loss: number;
  /** Share of the images whose largest logit is that of their label, 0 ... 1. Every image counts. */
  readonly accuracy: number;
  readonly count: number;
}

/** Measures a session in evaluation mode. */
export async function evaluateSession(session: TrainingSession, set: EvaluationSet): Promise<Evaluation> {
  checkEvaluationSet('evaluateSession', set);
  const { images, labels } = set;
  const logits = await session.predict(images);
  const [count, classes] = logits.shape as [number, number];
  let loss = 0;
  let correct = 0;
  for (let n = 0; n < count; n++) {
    const label = labels.get(n);
    if (!(label < classes)) {
      throw new TrainError(
        'INVALID_BATCH',
        `The label of image ${n} is ${label}; the net has the classes 0 to ${classes - 1}.`,
      );
    }
    let best = 0;
    for (let k = 1; k < classes; k++) if (logits.get(n, k) > logits.get(n, best)) best = k;
    const largest = logits.get(n, best);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits.get(n, k) - largest);
    loss += largest + Math.log(sum) - logits.get(n, label);
    // Logits that are no numbers never win, not even for class 0.
    if (best === label && Number.isFinite(largest)) correct++;
  }
  return { loss: loss / count, accuracy: correct / count, count };
}

export function checkEvaluationSet(owner: string, { images, labels }: EvaluationSet): void {
  const count = images?.shape?.[0];
  if (!count || images.shape.length !== 4 || labels?.shape?.length !== 1 || labels.shape[0] !== count) {
    throw new TrainError(
      'INVALID_OPTION',
      `${owner} takes images [count, height, width, channels] and labels [count], at least one; found [${images?.shape?.join(', ')}] and [${labels?.shape?.join(', ')}].`,
    );
  }
}
